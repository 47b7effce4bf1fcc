#!/usr/bin/env bash
# Exit with 3.
# shellcheck disable=SC2034,SC2317 # what is left behind is the lesson
exit 3
