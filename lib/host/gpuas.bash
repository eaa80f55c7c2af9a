# SPDX-License-Identifier: (GPL-2.0-or-later OR BSD-2-Clause)
#
# Completion of gpuas in bash. Needs nothing of bash-completion's.

# What "gpuas ..." prints, but for errors
_gpuas_ask() {
	"${COMP_WORDS[0]}" "$@" 2>/dev/null
}

_gpuas_files() {
	local file
	compopt -o filenames 2>/dev/null
	while IFS= read -r file; do
		COMPREPLY+=("$file")
	done < <(compgen -f -- "$1")
}

_gpuas_words() {
	local word
	while IFS= read -r word; do
		COMPREPLY+=("$word")
	done < <(compgen -W "$1" -- "$2")
}

_gpuas() {
	local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		_gpuas_words 'plan soc info ls walk find read check diff map help --help --version' "$word"
		return
	fi
	case $last in
	--dtb | --output | -o | --diff)
		_gpuas_files "$word"
		return ;;
	--base | --limit)
		return ;;
	esac
	case $command:$word in
	plan:* | soc:* | help:*) ;;
	read:-*) _gpuas_words '--dtb --base --limit --output' "$word"; return ;;
	map:-*) _gpuas_words '--diff --dtb --base --limit --output' "$word"; return ;;
	*:-*) _gpuas_words '--json --dtb --base --limit' "$word"; return ;;
	esac
	case $command in
	help) _gpuas_words 'plan soc info ls walk find read check diff map' "$word" ;;
	plan) _gpuas_words "all $(_gpuas_ask plan all | sed -n 's/^board \(.*\): machine .*/\1/p')" "$word" ;;
	soc) _gpuas_words "all $(_gpuas_ask soc all | sed -n 's/^| \(t[0-9]*\) .*/apple-\1/p')" "$word" ;;
	diff) _gpuas_files "$word" ;;
	info | ls | walk | find | read | check | map)
		[ "$COMP_CWORD" -gt 2 ] && [ -f "${COMP_WORDS[2]}" ] || _gpuas_files "$word" ;;
	esac
}

complete -F _gpuas gpuas
