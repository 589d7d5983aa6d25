# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of vmtrace in bash. tests/host compares these words with --help.

_vmtrace_classes="anon zero thp cow-copy cow-reuse file-cow file-hit file-miss mkwrite shmem swap-cache
	swap-read hugetlb numa migration userfault spurious special other sigsegv
	sigbus oom hwpoison"

_vmtrace_labs="lazy zero space walk tables alloc major mapping fork isolation sharing
	protection sigbus kernel stack huge swap readahead thrash locking userfault observer"

# _vmtrace_command OPTION...: for verbs whose options end where a command begins; that, bash
# knows better.
_vmtrace_command()
{
	local word=${COMP_WORDS[COMP_CWORD]} i

	for ((i = 2; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		--pid | -p | --repeat | -r | --output | -o | --class | -c | --min-time | --buffer) ((i++)) ;;
		-*) ;;
		*)
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
			return
			;;
		esac
	done
	case ${COMP_WORDS[COMP_CWORD - 1]} in
	--pid | -p) mapfile -t COMPREPLY < <(compgen -W "$(compgen -G '/proc/[0-9]*' | sed 's|.*/||')" -- "$word") ;;
	--output | -o) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
	--class | -c) mapfile -t COMPREPLY < <(compgen -W "$_vmtrace_classes" -- "$word") ;;
	--repeat | -r | --min-time | --buffer) ;;
	*)
		if [[ $word == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$*" -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$word")
		fi
		;;
	esac
}

_vmtrace()
{
	local word=${COMP_WORDS[COMP_CWORD]}
	local previous=${COMP_WORDS[COMP_CWORD - 1]}
	local verb=${COMP_WORDS[1]:-}
	local words=

	COMPREPLY=()
	[[ $previous == --size ]] && return
	if ((COMP_CWORD == 1)); then
		words="show stat trace maps walk lab doctor help version --help --version"
	elif [[ $verb == stat ]]; then
		_vmtrace_command --pid --repeat --output --json --csv --help
		return
	elif [[ $verb == trace ]]; then
		_vmtrace_command --pid --all --class --min-time --buffer --output --help
		return
	elif [[ $verb == lab ]] && ((COMP_CWORD == 2)); then
		words="list all check $_vmtrace_labs --json --help"
	else
		case $verb in
		show | maps)
			words="self --json --help"
			[[ $verb == show ]] && words+=" --threads --slowest"
			[[ $word == [0-9]* ]] && words=$(compgen -G '/proc/[0-9]*' | sed 's|.*/||')
			;;
		walk)
			words="self --json --help"
			[[ $word == [0-9]* ]] && words=$(compgen -G '/proc/[0-9]*' | sed 's|.*/||')
			((COMP_CWORD > 2)) && [[ $word != -* ]] && return
			;;
		lab)
			case ${COMP_WORDS[2]} in
			list | all) words="" ;;
			check | space | walk | tables | major | isolation | sigbus | huge | readahead | thrash) words="--json --help" ;;
			*) words="--size --json --help" ;;
			esac
			;;
		help) words="show stat trace maps walk lab doctor help version" ;;
		doctor) words="--json --help" ;;
		version) words="--help" ;;
		esac
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _vmtrace vmtrace
