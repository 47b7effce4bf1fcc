#!/usr/bin/env bash
# Change directory.
# shellcheck disable=SC2034,SC2317 # what is left behind is the lesson
cd /
