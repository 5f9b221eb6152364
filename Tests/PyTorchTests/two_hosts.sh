#!/bin/bash
# Trains on two hosts with two processes each: network namespaces that a veth pair joins. Needs root and iproute2.
#
#     sudo PYTHON=/path/to/python Tests/PyTorchTests/two_hosts.sh
#
# Asks for a rate, a pause, a checkpoint; looks at the tensors of four ranks; then kills a rank of the other host with -9
# and shows what is seen of it. A folder is shared by both, as by a network file system.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
one=normscope-one two=normscope-two
folder=$(mktemp -d)
export PYTHONPATH="$here/../../Sources/PyTorch:$here" OMP_NUM_THREADS=1

clean() {
    for host in "$one" "$two"; do
        for pid in $(ip netns pids "$host" 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
        ip netns delete "$host" 2>/dev/null || true
    done
}
trap clean EXIT
clean

ip netns add "$one"
ip netns add "$two"
ip link add eth-one netns "$one" type veth peer name eth-two netns "$two"
for host in "$one" "$two"; do ip -n "$host" link set lo up; done
ip -n "$one" address add 10.77.0.1/24 dev eth-one
ip -n "$two" address add 10.77.0.2/24 dev eth-two
ip -n "$one" link set eth-one up
ip -n "$two" link set eth-two up

launch() { # HOST NODE INTERFACE
    # A host name of its own, as another machine has: ranks are looked after by process only on the same host.
    cd "$folder"
    exec ip netns exec "$1" unshare --uts bash -c "hostname $1; GLOO_SOCKET_IFNAME=$3 exec '$python' -m \
        torch.distributed.run --nnodes 2 --node-rank $2 --nproc-per-node 2 --master-addr 10.77.0.1 \
        --master-port 29411 -m normscope '$here/scripts/ranks_train.py' report --timeout 30" \
        >"$folder/out-$2" 2>"$folder/err-$2"
}
launch "$one" 0 eth-one &
first=$!
launch "$two" 1 eth-two &
second=$!

"$python" "$here/two_hosts.py" "$folder" "$two" && status=0 || status=$?
wait "$first" || echo "torchrun of the first host: $?"
wait "$second" || echo "torchrun of the second host: $?"
echo "--- engine.log"
cat "$folder"/runs/*/engine.log
echo "--- status.json"
cat "$folder"/runs/*/status.json
echo "--- lines of ours on standard error: first host, second host"
grep -h normscope: "$folder/err-0" || true
grep -h normscope: "$folder/err-1" || echo none
exit $status
