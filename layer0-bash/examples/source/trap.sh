#!/usr/bin/env bash
# Set a trap for EXIT.
# shellcheck disable=SC2034,SC2317 # what is left behind is the lesson
trap 'echo "trap ran" >&2' EXIT
