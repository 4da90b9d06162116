# The page's style and script as C strings, one for each line: what the report carries (see html_parts.h).
FNR == 1 {
	if (NR == 1)
		print "/* Made from page.css and page.js by carry.awk. */"
	else
		print "\t;\n"
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\./, "_", name)
	printf "extern const char %s[];\nconst char %s[] =\n", name, name
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
	printf "\t\"%s\\n\"\n", line
}

END {
	print "\t;"
}
