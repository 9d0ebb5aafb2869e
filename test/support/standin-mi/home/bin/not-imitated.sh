#!/bin/sh
# The stand-in has this script's name and nothing behind it.
echo "$(basename "$0") is not imitated by the stand-in of WSO2 Micro Integrator VERSION" >&2
exit 70
