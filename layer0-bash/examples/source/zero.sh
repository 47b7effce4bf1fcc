#!/usr/bin/env bash
# Ask who I am: sourced or executed?
# shellcheck disable=SC2034,SC2317 # what is left behind is the lesson
demo_zero=$0 demo_source=${BASH_SOURCE[0]}
# A script that must not be sourced, or not executed, asks so.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then echo executed; else echo sourced; fi
