#!/usr/bin/env bash
# The dependency law holds, and its check catches each kind of violation.
. tests/tap.sh

ok "the tree keeps the law" tools/check_layers.sh .

mkdir -p "$TMP"/tree/{core,kernels/cpu,estimators,trainer,experiments,cli,proofs/interval,tests}
legal() # FILE INCLUDE
{
    printf '#include <stdio.h>\n#include <sys/stat.h>\n# include %s\n' "$2" >"$TMP/tree/$1"
}
legal core/a.c '"core/a.h"'
legal kernels/cpu/a.c '"core/a.h"'
legal estimators/a.c '"kernels/a.h"'
legal trainer/a.c '<gsl/gsl_math.h>'
legal experiments/a.c '"trainer/a.h"'
legal cli/a.c '"experiments/a.h"'
legal tests/t_a.c '"cli/a.h"'
ok "a lawful tree passes" tools/check_layers.sh "$TMP/tree"

violation() # FILE INCLUDE
{
    legal "$1" "$2"
    exits "$1 with $2" 1 tools/check_layers.sh "$TMP/tree"
    like "$1 with $2: place" "$(cat "$TMP/out")" "^$1:3: "
    rm "$TMP/tree/$1"
}
violation core/b.c '"kernels/a.h"'
violation core/b.h '"cli/a.h"'
violation kernels/cpu/b.c '"estimators/a.h"'
violation estimators/b.c '"trainer/a.h"'
violation estimators/b.c '<trainer/a.h>'
violation trainer/b.c '"estimators/a.h"'
violation trainer/b.c '"../estimators/a.h"'
violation experiments/b.h '"cli/a.h"'
violation proofs/interval/b.c '"core/a.h"'
violation cli/b.c '"tests/a.h"'
violation kernels/b.cu '"trainer/a.h"'
ok "lawful again" tools/check_layers.sh "$TMP/tree"

mkdir "$TMP/nothing"
exits "no source at all is a failure" 1 tools/check_layers.sh "$TMP/nothing"
done_testing
