#!/bin/sh
# Stands in for the unit tests where configure did not find libcheck.
echo "1..0 # SKIP unit tests need libcheck (check >= 0.15)"
