# Manual pages, one a line.
MANUAL = \
	man/flatline-check.1 \
	man/flatline-profiles.5 \
	man/flatline-report.5 \
	man/flatline.1

dist_man_MANS += $(MANUAL)
