# The profiles' files as C strings, one for each line: what the program carries (see include/flatline/profile.h).
BEGIN {
	print "/* Made from src/profiles/ by carry.awk. */"
	print "#include \"flatline/profile.h\"\n"
	print "const struct fl_profile_file fl_profile_files[] = {"
}

FNR == 1 {
	if (NR > 1)
		print "\t},"
	name = FILENAME
	sub(/.*\//, "", name)
	printf "\t{ \"%s\",\n", name
}

# Letter by letter: awks differ in what a backslash means to gsub().
{
	line = ""
	for (i = 1; i <= length($0); i++) {
		letter = substr($0, i, 1)
		if (letter == "\\" || letter == "\"")
			line = line "\\"
		line = line letter
	}
	printf "\t  \"%s\\n\"\n", line
}

END {
	if (NR > 0)
		print "\t},"
	print "\t{ 0 }\n};"
}
