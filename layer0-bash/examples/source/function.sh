#!/usr/bin/env bash
# Define a function.
# shellcheck disable=SC2034,SC2317 # what is left behind is the lesson
demo_function() { :; }
