#!/usr/bin/env bash
# Return 4: only a sourced script may.
# shellcheck disable=SC2034,SC2317 # what is left behind is the lesson
return 4
