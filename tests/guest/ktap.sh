# shellcheck shell=sh disable=SC2034,SC2154 # $suite and $failed are whose it is that sources it
# Results of the tests in shell, KTAP: to be sourced after suite=WORD. ./out, ./lines and ./err
# have what the program printed that was tested last, if there are such files.
n=0 failed=0

# hundredths: since the guest's start
hundredths() {
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}${uptime#*.}"
}
ktap_last=$(hundredths)

# result STATUS NAME: passed with 0, skipped with 4, for the reason in the last line of ./out;
# it took the time since the last result
result() {
	n=$((n + 1)) ktap_now=$(hundredths)
	took="# $(((ktap_now - ktap_last) / 100)).$(((ktap_now - ktap_last) / 10 % 10)) s" ktap_last=$ktap_now
	case $1 in
	0) echo "ok $n $suite: $2 $took" ;;
	4) echo "ok $n $suite: $2 # SKIP $(tail -n 1 out) $took" ;;
	*)
		for file in out lines err; do
			[ ! -f $file ] || tail -n 60 $file | sed 's/^/# /'
		done
		echo "not ok $n $suite: $2 $took"
		failed=1
		;;
	esac
}

# await COMMAND: poll, two minutes at the most
await() {
	i=0
	until eval "$1"; do
		[ $i -lt 12000 ] || return 1
		usleep 10000
		i=$((i + 1))
	done
}
