#!/usr/bin/env bash
# iclab data: the list, checks of what is there, fetching from a server on loopback.
. tests/cli.sh
unset ICLAB_DATA ICLAB_FASHION_MNIST http_proxy
export HOME=$TMP/home no_proxy=127.0.0.1

exits "list" 0 iclab data list
is "list: names" "$(names "$TMP/out")" "name train valid size classes bytes terms where"
is "list: rows" "$(rows "$TMP/out" | cut -f1 | tr '\n' ' ')" "mnist fashion-mnist cifar-10 cifar-100 imagenette imagenette-320 imagenette-160 imagewoof imagewoof-320 imagewoof-160 ilsvrc2012 planted "
is "list: a missing one" "$(rows "$TMP/out" | awk -F '\t' '$1 == "cifar-10" { print $2, $3, $4, $5, $6, $8 }')" "50000 10000 32x32x3 10 170052171 missing"
is "list: planted" "$(rows "$TMP/out" | awk -F '\t' '$1 == "planted" { print $8 }')" made
is "list: every row has its terms" "$(rows "$TMP/out" | awk -F '\t' '$7 == "" || $7 == "-"' | wc -l | tr -d ' ')" 0

# Fashion-MNIST's format under MNIST's name: idx COUNT SEED KIND makes images of 28 x 28.
root=$TMP/root
mkdir -p "$root/mnist"
labels() { printf '\0\0\10\1\0\0\0\14\0\1\2\3\4\5\6\7\10\11\0\1'; }
for part in train t10k; do
    data idx 12 3 0 >"$root/mnist/$part-images-idx3-ubyte"
    labels >"$root/mnist/$part-labels-idx1-ubyte"
done
exits "list: where it is" 0 iclab data list --root "$root"
is "list: the folder" "$(rows "$TMP/out" | awk -F '\t' '$1 == "mnist" { print $8 }')" "$root/mnist"
ICLAB_DATA=$root exits "list: by the environment" 0 iclab data list
is "list: the same folder" "$(rows "$TMP/out" | awk -F '\t' '$1 == "mnist" { print $8 }')" "$root/mnist"

exits "check: not as many images" 2 iclab data check mnist --root "$root" --quiet
is "check: one line" "$(wc -l <"$TMP/err" | tr -d ' ')" 1
like "check: the line" "$(cat "$TMP/err")" "^iclab: .*/mnist: 2 of the things checked are wrong, the first: 12 images for training instead of 60000"
is "check: labels of each class" "$(rows "$TMP/out" | awk -F '\t' '$1 == "class" { print $6 + $7 }' | tr '\n' ' ')" "4 4 2 2 2 2 2 2 2 2 "
is "check: files without a known sum" "$(rows "$TMP/out" | awk -F '\t' '$1 == "file" { print $3 }' | sort -u)" unknown
printf '\12' | dd of="$root/mnist/train-labels-idx1-ubyte" bs=1 seek=10 conv=notrunc 2>/dev/null
exits "check: a bad label" 2 iclab data check mnist --root "$root" --quiet
like "check: file, byte, value" "$(cat "$TMP/err")" "train-labels-idx1-ubyte: byte 10: label 10, but there are 10 classes"
gzip -c "$root/mnist/t10k-labels-idx1-ubyte" >"$root/mnist/t10k-labels-idx1-ubyte.gz"
labels >"$root/mnist/train-labels-idx1-ubyte"
exits "check: another file" 2 iclab data check mnist --root "$root" --quiet
like "check: it differs" "$(cat "$TMP/out")" "^file	t10k-labels-idx1-ubyte.gz	differs	"
like "check: and is named" "$(cat "$TMP/err")" "the first: t10k-labels-idx1-ubyte.gz differs"
exits "check: planted" 0 iclab data check planted-8x8x1-3 --threads 2 --quiet
is "check: planted, images" "$(rows "$TMP/out" | awk -F '\t' '{ t += $6; v += $7 } END { print NR, t, v }')" "3 10000 2000"
if [ -e /dev/full ]; then
    # shellcheck disable=SC2317 # called through fails
    full() { iclab "$@" >/dev/full; }
    fails "list to a full disk" 3 'standard output.*No space' full data list
fi

fails "check: missing" 2 ".*/share/iclab/cifar-10: not there: iclab data fetch cifar-10" iclab data check cifar-10
fails "check: terms" 2 ".*ilsvrc2012: not there: .*image-net.org" iclab data check ilsvrc2012
fails "check: no such name" 2 "no data set is called 'nothing'" iclab data check nothing
fails "check: a bad name" 2 "no data set is called '../x': mnist, fashion-mnist, .*planted" iclab data check ../x
fails "no verb" 2 "list | check NAME | fetch NAME is missing" iclab data
fails "another verb" 2 "data: list, check or fetch, not 'get'" iclab data get mnist
fails "check: no name" 2 "data check: which data set" iclab data check
fails "list: a name" 2 "data list: takes no name" iclab data list mnist
fails "fetch: --root" 2 "data fetch: --to, not --root" iclab data fetch mnist --root x
fails "check: --to" 2 "data check: --to is for fetch" iclab data check mnist --to x
fails "list: --from" 2 "data list: --from is for fetch" iclab data list --from x
fails "fetch: no such name" 2 "no data set is called 'nothing'" iclab data fetch nothing
fails "fetch: terms" 2 "ilsvrc2012 cannot be fetched: .*image-net.org" iclab data fetch ilsvrc2012
fails "fetch: a package" 2 "fashion-mnist cannot be fetched: .*dataset-fashion-mnist" iclab data fetch fashion-mnist

# Fetching: Debian's Fashion-MNIST from a server on loopback that breaks off first.
debian=/usr/share/datasets/fashion-mnist
if [ -e "$debian/train-images-idx3-ubyte.gz" ] && command -v curl >/dev/null; then
    ${CC:-gcc} -std=c17 -D_GNU_SOURCE -o "$TMP/server" tests/helpers/file_server.c
    "$TMP/server" "$debian" 1000000 >"$TMP/port" &
    server=$!
    trap 'kill "$server"; rm -rf "$TMP"' EXIT
    while [ ! -s "$TMP/port" ]; do sleep .05; done
    from=http://127.0.0.1:$(cat "$TMP/port")
    new=$TMP/new/folder
    fails "fetch: broken off" 3 "curl: .*goes on with .*train-images-idx3-ubyte.gz.part" iclab data fetch fashion-mnist --to "$new" --from "$from"
    is "fetch: what came stays" "$(wc -c <"$new/fashion-mnist/train-images-idx3-ubyte.gz.part" | tr -d ' ')" 1000000
    exits "fetch: the same again" 0 iclab data fetch fashion-mnist --to "$new" --from "$from/"
    is "fetch: where it is" "$(cat "$TMP/out")" "$new/fashion-mnist"
    for file in "$debian"/*.gz; do
        ok "fetch: $(basename "$file")" cmp "$file" "$new/fashion-mnist/$(basename "$file")"
    done
    is "fetch: nothing else" "$(find "$new/fashion-mnist" -mindepth 1 | wc -l | tr -d ' ')" 4
    exits "fetch: once more" 0 iclab data fetch fashion-mnist --to "$new" --from "$from"
    is "fetch: was there" "$(cat "$TMP/out")" "$new/fashion-mnist: was there"
    exits "check: what was fetched" 0 iclab data check fashion-mnist --root "$new" --quiet
    is "check: its files are right" "$(rows "$TMP/out" | awk -F '\t' '$1 == "file" { print $3 }' | sort | uniq -c | tr -s ' ')" " 4 ok"
    is "check: its classes" "$(rows "$TMP/out" | awk -F '\t' '$1 == "class" { print $6, $7 }' | sort -u)" "6000 1000"
    rm "$new/fashion-mnist/t10k-labels-idx1-ubyte.gz"
    exits "check: a file is gone" 2 iclab data check fashion-mnist --root "$new" --quiet
    mkdir "$TMP/wrong"
    head -c 5125 /dev/zero >"$TMP/wrong/t10k-labels-idx1-ubyte.gz"
    fails "fetch: a wrong checksum" 2 ".*t10k-labels-idx1-ubyte.gz.part: md5 .* has 0d30e22e447f3c33dab9ed536400ac01: removed" iclab data fetch fashion-mnist --to "$new" --from "file://$TMP/wrong"
    is "fetch: the others are untouched" "$(find "$new/fashion-mnist" -mindepth 1 | wc -l | tr -d ' ')" 3
else
    skip "fetch" "dataset-fashion-mnist or curl is not installed"
fi
done_testing
