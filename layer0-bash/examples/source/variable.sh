#!/usr/bin/env bash
# Set a variable.
# shellcheck disable=SC2034,SC2317 # what is left behind is the lesson
demo_variable="set"
