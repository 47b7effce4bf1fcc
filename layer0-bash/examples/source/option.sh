#!/usr/bin/env bash
# Set a shell option.
# shellcheck disable=SC2034,SC2317 # what is left behind is the lesson
set -o noglob
