#!/usr/bin/env bash
# The main job from end to end: verdicts, tables, figures, report; what is missing, what goes wrong, what is used again.
# shellcheck disable=SC2317 # functions are called through exits and fails
. tests/cli.sh

export ICLAB_PLOTS=$TMP/plots
mkdir "$ICLAB_PLOTS"
verify() { iclab verify --quiet "$@"; }

# without_header FOLDER: the tables and the verdicts without their `#` lines.
without_header()
{
    local file
    for file in "$1"/claims.tsv "$1"/tables/*.tsv; do
        echo "== ${file#"$1"/}"
        sed '/^#/d' "$file"
    done
}
# verdict FOLDER ID: its verdict and what was expected.
verdict() { rows "$1/claims.tsv" | awk -F '\t' -v id="$2" '$1 == id { print $2, $3 }'; }

# ---- a run ----------------------------------------------------------------------------------------------------------
exits "a run" 0 verify c09.normal8 c03.binary --quick --seed 3 --threads 1 --out "$TMP/a"
like "the table of verdicts" "$(cat "$TMP/out")" '^c09\.normal8\.largest +holds '
like "what each row stands on" "$(cat "$TMP/out")" '^c09\.normal8\.largest .* P[E-]S-( |$)'
like "the count" "$(cat "$TMP/out")" '^[0-9]+ hold, [0-9]+ fail, [0-9]+ undecided, .*: 0 surprises$'
like "the report is named" "$(cat "$TMP/out")" "^report: $TMP/a/report.html\$"
is "nothing on standard error" "$(cat "$TMP/err")" ""
like "the columns of claims.tsv" "$(names "$TMP/a/claims.tsv")" '^id verdict expected estimate lo hi n '
is "the claims asked for" "$(rows "$TMP/a/claims.tsv" | cut -f 1 | sort | tr '\n' ' ')" \
    "$(iclab claims | sed '/^#/d;1d' | cut -f 1 | grep -E '^(c09\.normal8|c03\.binary)\.' | sort | tr '\n' ' ')"
is "an entropy equality that fails" "$(verdict "$TMP/a" c03.binary.equality)" "fails fails"
is "its bound holds" "$(verdict "$TMP/a" c03.binary.bound)" "holds holds"
for table in claims tables/mi tables/mi_ratio tables/exponent tables/correlation tables/entropy tables/eigenvalues \
    tables/condition tables/evidence; do
    like "$table.tsv: seed, size, version" "$(sed -n '/^#/p' "$TMP/a/$table.tsv")" '^# seed 3, quick run, iclab [0-9.]+$'
    like "$table.tsv: the command" "$(sed -n '/^#/p' "$TMP/a/$table.tsv")" "^# command: .*verify .*--seed 3"
    is "$table.tsv: rows as wide as the names" "$(sed '/^#/d' "$TMP/a/$table.tsv" | awk -F '\t' '{ print NF }' | sort -u | wc -l | tr -d ' ')" 1
    ok "$table.tsv: has rows" test "$(rows "$TMP/a/$table.tsv" | wc -l)" -gt 0
done
# the interval stands around the estimate, and each verdict is that of its numbers
is "lo <= estimate <= hi" "$(rows "$TMP/a/claims.tsv" | awk -F '\t' '!($5 <= $4 && $4 <= $6)')" ""
is "equalities that hold lie within the tolerance" \
    "$(rows "$TMP/a/claims.tsv" | awk -F '\t' '$2 == "holds" && $10 > 0 && !($5 >= $9 - $10 && $6 <= $9 + $10)')" ""
near "keep 1 against its own law" "$(rows "$TMP/a/tables/condition.tsv" | awk -F '\t' '$1 == "normal8" && $2 == 1 { print $3 / $7 }')" 1 1e-9

# ---- the report -----------------------------------------------------------------------------------------------------
self_contained()
{
    is "$1: no address outside" "$(grep -Eio '(src|href|action)="[^"]{0,40}|url\([^)]*\)|@import' "$2/report.html" | grep -Ev '="(#|data:)' | head -3)" ""
    is "$1: pictures inside" "$(grep -o 'src="[^"]\{10\}' "$2/report.html" | grep -v '^src="data:image' | head -3)" ""
    is "$1: no script" "$(grep -ci '<script' "$2/report.html")" 0
}
self_contained "the report" "$TMP/a"
for id in $(rows "$TMP/a/claims.tsv" | cut -f 1); do
    ok "the report has $id" grep -qF ">$id<" "$TMP/a/report.html"
done
like "the report: again" "$(cat "$TMP/a/report.html")" 'iclab verify c09 --quick --seed 3'
is "the report is closed" "$(tail -n 1 "$TMP/a/report.html")" "</body></html>"
not_ok "no section of a claim that was not asked for" grep -q 'id="c01"' "$TMP/a/report.html"

# ---- the same bytes -------------------------------------------------------------------------------------------------
exits "on two threads" 0 verify c03.binary c09.normal8 --seed 3 --threads 2 --out "$TMP/b"
without_header "$TMP/a" >"$TMP/a.txt"
without_header "$TMP/b" >"$TMP/b.txt"
ok "the same bytes on 1 and 2 threads" cmp "$TMP/a.txt" "$TMP/b.txt"
exits "another seed" 0 verify c09.normal8 c03.binary --seed 4 --threads 2 --out "$TMP/other"
is "another seed, other numbers" "$(paste <(rows "$TMP/a/claims.tsv" | cut -f 1,4) <(rows "$TMP/other/claims.tsv" | cut -f 1,4) | awk -F '\t' '$1 == $3 && $2 == $4')" ""

# ---- the same folder again ------------------------------------------------------------------------------------------
mkdir -p "$TMP/a/figures"
echo mine | tee "$TMP/a/notes.txt" "$TMP/a/tables/notes.txt" "$TMP/a/tables/notes.tsv" "$TMP/a/figures/notes.txt" \
    "$TMP/a/figures/photo.png" >"$TMP/a/mine.tsv"
echo old >"$TMP/a/figures/c01_old.svg"
exits "fewer claims into the same folder" 0 verify c09.normal8.slope --seed 3 --out "$TMP/a"
is "no tables of the earlier run" "$(cd "$TMP/a/tables" && echo *.tsv)" "condition.tsv eigenvalues.tsv evidence.tsv notes.tsv"
is "no figures of the earlier run" "$(cd "$TMP/a/figures" && echo *)" "notes.txt photo.png"
is "one verdict" "$(rows "$TMP/a/claims.tsv" | cut -f 1)" c09.normal8.slope
is "what is not of a run stays" "$(cat "$TMP/a/notes.txt" "$TMP/a/tables/notes.txt" "$TMP/a/tables/notes.tsv" "$TMP/a/figures/notes.txt" "$TMP/a/figures/photo.png" "$TMP/a/mine.tsv" | sort -u)" mine
mkdir -p "$TMP/foreign/tables"
echo mine >"$TMP/foreign/tables/mine.tsv"
exits "a folder that never was one of results" 0 verify c09.normal8.slope --out "$TMP/foreign"
is "its tables stay" "$(cat "$TMP/foreign/tables/mine.tsv")" mine

# ---- bad usage, bad places ------------------------------------------------------------------------------------------
for claim in c99 c0 c09.normal c09.normal8. '' C09; do
    fails "unknown claim '$claim'" 2 "unknown claim '$claim'" verify c09.normal8 "$claim" --out "$TMP/none"
done
ok "no folder is made of it" test ! -e "$TMP/none"
echo data >"$TMP/file"
fails "--out is a file" 2 "$TMP/file" verify c09.normal8 --out "$TMP/file"
is "the file is as it was" "$(cat "$TMP/file")" data
fails "--out is empty" 2 '--out: .*empty' verify c09.normal8 --out ""
fails "--out below a file" 2 "$TMP/file" verify c09.normal8 --out "$TMP/file/results"
mkdir "$TMP/blocked"
echo data >"$TMP/blocked/tables"
fails "tables/ is a file" 2 "$TMP/blocked/tables" verify c09.normal8 --out "$TMP/blocked"
is "nothing else is written" "$(cd "$TMP/blocked" && echo *)" tables
if [ "$(id -u)" = 0 ]; then
    locked=/proc/self
else
    locked=$TMP/locked
    mkdir "$locked" && chmod 555 "$locked"
fi
fails "a folder that cannot be written" 3 "$locked/tables" verify c09.normal8 --out "$locked"

# ---- figures --------------------------------------------------------------------------------------------------------
mkdir "$TMP/bin" "$TMP/empty"
cat >"$TMP/bin/gnuplot" <<'STUB'
#!/bin/sh
# Stands for gnuplot: -c SCRIPT FOLDER writes the script's figure.
[ "$1" = --version ] && exit 0
name=$(basename "$2" .gp)
case $name in *broken*) exit 1 ;; esac
mkdir -p "$3/figures"
printf '<svg>%s</svg>' "$name" >"$3/figures/$name.svg"
STUB
chmod +x "$TMP/bin/gnuplot"
echo >"$ICLAB_PLOTS/style.gp"
figure() { printf '# title: %s\n# needs: %s\n# claims: %s\n# caption: a "word" & more\nplot x\n' "$2" "$3" "$4" >"$ICLAB_PLOTS/$1.gp"; }
figure c09_one 'eigenvalues <here>' 'tables/eigenvalues.tsv tables/condition.tsv' c09
figure c01_none 'never drawn' tables/mi.tsv c01
figure c09_broken broken tables/condition.tsv c09
drawn() { PATH="$TMP/bin:$PATH" verify "$@"; }
exits "with a stand-in for gnuplot" 0 drawn c09.normal8.slope --out "$TMP/f"
like "a figure that fails is left out" "$(cat "$TMP/out")" '^left out: figure c09_broken: gnuplot found nothing to draw, or failed$'
is "one figure has its tables" "$(cd "$TMP/f/figures" && echo *)" c09_one.svg
is "it is in the report" "$(sed -n 's/.*src="data:image\/svg+xml;base64,\([^"]*\)".*/\1/p' "$TMP/f/report.html" | base64 -d)" '<svg>c09_one</svg>'
like "with its title" "$(cat "$TMP/f/report.html")" 'eigenvalues &lt;here&gt;'
not_ok "what failed is not in the report's figures" grep -q 'figures/c09_broken' "$TMP/f/report.html"
self_contained "the report with figures" "$TMP/f"
bare() { PATH="$TMP/empty" verify "$@"; }
exits "without gnuplot" 0 bare c09.normal8.slope --out "$TMP/f"
like "it says so" "$(cat "$TMP/out")" '^left out: the figures: gnuplot is not installed'
like "the report says so" "$(cat "$TMP/f/report.html")" 'gnuplot is not installed'
is "the figures of before are gone" "$(cd "$TMP/f/figures" && echo *)" '*'
unscripted() { PATH="$TMP/bin:$PATH" ICLAB_PLOTS=$TMP/empty verify "$@"; }
exits "without the scripts" 0 unscripted c09.normal8.slope --out "$TMP/f"
like "it names the variable" "$(cat "$TMP/out")" '^left out: the figures: .*ICLAB_PLOTS'
rm "$ICLAB_PLOTS"/*.gp

# ---- images ---------------------------------------------------------------------------------------------------------
images() { mkdir -p "$TMP/$1" && data idx "$2" "$3" "$4" >"$TMP/$1/train-images-idx3-ubyte"; }
on() { ICLAB_FASHION_MNIST=$TMP/$1 verify "${@:2}"; }
exits "without the data set" 0 on empty c09.normal8.slope c09.fmnist-position-unitbn --out "$TMP/s"
is "its claims are skipped" "$(verdict "$TMP/s" c09.fmnist-position-unitbn.largest)" "skipped holds"
is "the others are not" "$(verdict "$TMP/s" c09.normal8.slope)" "holds holds"
like "it says what to install" "$(cat "$TMP/out")" '^left out: .*dataset-fashion-mnist'
like "and counts them" "$(cat "$TMP/out")" ', 2 skipped; against the registry: 0 surprises$'
like "the report says so" "$(cat "$TMP/s/report.html")" 'dataset-fashion-mnist'
is "no numbers of what was skipped" "$(rows "$TMP/s/claims.tsv" | awk -F '\t' '$2 == "skipped" && !($4 $5 $6 == "nannannan" && $7 == 0)')" ""
ok "no tables of images" test ! -e "$TMP/s/tables/fmnist_pairs.tsv"

images blobs 1500 5 0
panels=(c02.fmnist-channel-bn c02.fmnist-position-unitbn c06.fmnist-position-shared.corr)
exits "panels" 0 on blobs "${panels[@]}" --threads 1 --out "$TMP/p"
status=$(awk -F '\t' '($2 == "holds" || $2 == "fails") && $2 != $3 { s = 1 } END { print s + 0 }' <(rows "$TMP/p/claims.tsv"))
exits "panels on two threads, status by the verdicts" "$status" on blobs "${panels[@]}" --threads 2 --out "$TMP/p2"
ok "the same bytes" cmp <(without_header "$TMP/p") <(without_header "$TMP/p2")
is "no claim is skipped" "$(rows "$TMP/p/claims.tsv" | cut -f 2 | grep -c skipped)" 0
is "32 units, all different" "$(rows "$TMP/p/tables/fmnist_units.tsv" | cut -f 2-4 | sort -u | wc -l | tr -d ' ')" 32
like "how they were drawn" "$(cat "$TMP/p/tables/fmnist_units.tsv")" '^# 32 units drawn by the seed among [0-9]+ that are active in at least 5 % of 1500 images'
is "no idle unit among them" "$(rows "$TMP/p/tables/fmnist_units.tsv" | awk -F '\t' '!($5 >= .05 && $5 <= 1 && $2 < 8 && $3 < 14 && $4 < 14)')" ""
is "pairs of channels: 28 by 3 keeps by 3 estimators" "$(rows "$TMP/p/tables/fmnist_pairs.tsv" | grep -c '^fmnist-channel-bn')" 252
is "pairs of units: 496 by 3 keeps" "$(rows "$TMP/p/tables/fmnist_correlations.tsv" | grep -c '^fmnist-position-unitbn')" 1488
is "correlations lie in [-1,1]" "$(rows "$TMP/p/tables/fmnist_correlations.tsv" | awk -F '\t' '!($5 >= -1 && $5 <= 1 && $6 >= -1 && $6 <= 1)' | head -3)" ""
is "centred: the full formula is the plain one" "$(rows "$TMP/p/tables/fmnist_correlations.tsv" | awk -F '\t' '$1 == "fmnist-position-unitbn" { d = $7 - $8; if (d < 0) d = -d; if (!(d < 1e-5)) print }' | head -3)" ""

# Noise that is alike at every position: channel BN centres every unit, against what the registry expects of pictures.
images noise 14000 3 1
exits "a surprise" 1 on noise c02.fmnist-position-bn.slope --out "$TMP/u"
like "it is named" "$(cat "$TMP/out")" '^c02\.fmnist-position-bn\.slope +holds .*SURPRISE$'
like "and counted" "$(cat "$TMP/out")" 'against the registry: 1 surprise$'
like "the report names it" "$(cat "$TMP/u/report.html")" '>surprise<'

# Bad images: one line, no folder.
mkdir "$TMP/cut"
head -c 100000 "$TMP/blobs/train-images-idx3-ubyte" >"$TMP/cut/train-images-idx3-ubyte"
fails "truncated images" 2 "$TMP/cut/train-images-idx3-ubyte" on cut c02.fmnist-channel-bn --out "$TMP/none"
images few 300 5 0
fails "too few images" 2 '300 images' on few c02.fmnist-channel-bn --out "$TMP/none"
ok "no folder is made of them" test ! -e "$TMP/none"

# ---- --resume -------------------------------------------------------------------------------------------------------
some=(c09.normal8 c09.fmnist-position-unitbn)
exits "--resume, nothing there" 0 on blobs "${some[@]}" --resume --out "$TMP/r"
without_header "$TMP/r" >"$TMP/r.txt"
ok "pieces are kept" test -n "$(find "$TMP/r/pieces" -name '*.npy')"
stamp=$(find "$TMP/r/pieces" -name '*.npy' -printf '%p %T@ %i\n' | sort)
exits "--resume, all there" 0 on blobs "${some[@]}" --resume --out "$TMP/r"
without_header "$TMP/r" >"$TMP/r2.txt"
ok "the same bytes" cmp "$TMP/r.txt" "$TMP/r2.txt"
is "nothing is done twice" "$(find "$TMP/r/pieces" -name '*.npy' -printf '%p %T@ %i\n' | sort)" "$stamp"
n=0
for piece in "$TMP"/r/pieces/*/*.npy; do # every third is damaged: cut, empty, gone
    n=$((n + 1))
    case $((n % 9)) in 0) : >"$piece" ;; 3) truncate -s 100 "$piece" ;; 6) rm "$piece" ;; esac
done
exits "--resume, some damaged" 0 on blobs "${some[@]}" --resume --threads 2 --out "$TMP/r"
without_header "$TMP/r" >"$TMP/r2.txt"
ok "the same bytes again" cmp "$TMP/r.txt" "$TMP/r2.txt"
images others 1500 6 0
exits "--resume on other images" 0 on others "${some[@]}" --resume --out "$TMP/r"
exits "they by themselves" 0 on others "${some[@]}" --out "$TMP/o"
ok "pieces of other images are not used" cmp <(without_header "$TMP/r") <(without_header "$TMP/o")
exits "--resume with another seed" 0 verify c09.normal8 --seed 4 --resume --out "$TMP/r"
is "its numbers are its own" "$(verdict "$TMP/r" c09.normal8.slope) $(rows "$TMP/r/claims.tsv" | cut -f 4 | sort | tr '\n' ' ')" \
    "$(verdict "$TMP/other" c09.normal8.slope) $(rows "$TMP/other/claims.tsv" | grep '^c09' | cut -f 4 | sort | tr '\n' ' ')"

# ---- trained networks -----------------------------------------------------------------------------------------------
# A small data set of the same files: 1500 images to learn, 1300 to look at (12 blocks of 100 at least), ten labels.
labels() { # COUNT
    awk -v n="$1" 'BEGIN { printf "\\000\\000\\010\\001\\000\\000\\%03o\\%03o", int(n / 256), n % 256
        for (i = 0; i < n; i++) printf "\\%03o", i % 10 }' | xargs -0 printf
}
images small 1500 5 0
data idx 1300 8 0 >"$TMP/small/t10k-images-idx3-ubyte"
labels 1500 >"$TMP/small/train-labels-idx1-ubyte"
labels 1300 >"$TMP/small/t10k-labels-idx1-ubyte"
is "labels: bytes" "$(wc -c <"$TMP/small/train-labels-idx1-ubyte" | tr -d ' ')" 1508
trained=(c10 c11.trained-unit1 c17 c22)
status=0
on small "${trained[@]}" --threads 1 --out "$TMP/n1" >"$TMP/n1.txt" 2>&1 || status=$?
ok "trained networks: no failure (a surprise is none: 1500 images are few)" test "$status" -le 1
cat "$TMP/n1.txt" >&2
exits "on two threads: the same status" "$status" on small "${trained[@]}" --threads 2 --out "$TMP/n2"
ok "on two threads: the same bytes, training included" cmp <(without_header "$TMP/n1") <(without_header "$TMP/n2")
is "two networks are trained" "$(find "$TMP/n1/runs" -name result.json | wc -l | tr -d ' ')" 2
is "each a row" "$(rows "$TMP/n1/tables/training_runs.tsv" | cut -f 1,2 | tr '\t\n' ' ,')" "thread07-short ic,thread07-short baseline,"
is "and a row an epoch" "$(rows "$TMP/n1/tables/training_curves.tsv" | wc -l | tr -d ' ')" 4
for table in trained_units trained_pairs trained_correlations trained_condition trained_means training_gradients training_variance; do
    ok "$table.tsv: has rows" test "$(rows "$TMP/n1/tables/$table.tsv" | wc -l)" -gt 0
done
is "no claim is left out" "$(rows "$TMP/n1/claims.tsv" | cut -f 2 | grep -c skipped)" 0
is "pairs of units: 496 by 3 keeps by 2 estimators" "$(rows "$TMP/n1/tables/trained_pairs.tsv" | wc -l | tr -d ' ')" 2976
like "the report says what was trained" "$(cat "$TMP/n1/report.html")" 'What was trained'
stamp=$(find "$TMP/n1/runs" -name '*.tsv' -printf '%p %T@ %i\n' | sort)
cp "$TMP/n1/claims.tsv" "$TMP/n1.claims"
exits "again" "$status" on small "${trained[@]}" --threads 1 --out "$TMP/n1"
is "again: no network is trained twice" "$(find "$TMP/n1/runs" -name '*.tsv' -printf '%p %T@ %i\n' | sort)" "$stamp"
ok "again: the same verdicts" cmp <(rows "$TMP/n1.claims") <(rows "$TMP/n1/claims.tsv")
exits "trained networks without their data" 0 on empty c09.normal8.slope c11 c22 --out "$TMP/n0"
is "skipped" "$(verdict "$TMP/n0" c22.thread07-short.stage1) $(verdict "$TMP/n0" c11.trained-unit1.exponent)" "skipped measured skipped holds"
is "one line says why" "$(grep -c '^left out: the claims on trained networks: .*dataset-fashion-mnist' "$TMP/out")" 1


# ---- the registry ---------------------------------------------------------------------------------------------------
iclab claims >"$TMP/claims.tsv"
is "claims: every row of the registry" "$(rows "$TMP/claims.tsv" | cut -f 1)" "$(rows experiments/claims.tsv | cut -f 1)"
is "claims as JSON: the same ids" "$(iclab claims --format json | sed -n 's/^ *"id": "\(.*\)",$/\1/p')" "$(rows "$TMP/claims.tsv" | cut -f 1)"
done_testing
