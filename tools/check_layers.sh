#!/usr/bin/env bash
# The dependency law: core <- kernels <- estimators, trainer <- experiments <- cli; no arrow back, none between
# estimators and trainer; proofs use nothing of the rest. Reads the #include lines of every layer.
#   tools/check_layers.sh [FOLDER]     prints file:line of each violation; exit 1 if there is one
set -eu
cd "${1:-$(dirname "$0")/..}"

declare -A may_use=(
    [core]="core"
    [kernels]="core kernels"
    [estimators]="core kernels estimators"
    [trainer]="core kernels trainer"
    [experiments]="core kernels estimators trainer experiments"
    [cli]="core kernels estimators trainer experiments cli"
    [proofs]="proofs"
)
# Every other folder of the repository (tests, tools, ...) is out of bounds for a layer too.
folders=$(find . -mindepth 1 -maxdepth 1 -type d ! -name '.*' ! -name build ! -name results -printf '%f\n')

status=0 files=0
for layer in "${!may_use[@]}"; do
    [ -d "$layer" ] || continue
    while IFS= read -r -d '' file; do
        files=$((files + 1))
        while IFS=: read -r line path; do
            used=${path%%/*}
            case $path in
            ../* | */../* | /*) why="is not a path from the top of the tree" ;;
            */*)
                # A folder that is not ours belongs to a library: <gsl/gsl_math.h>, <sys/stat.h>.
                grep -qxF "$used" <<<"$folders" || continue
                case " ${may_use[$layer]} " in *" $used "*) continue ;; esac
                why="$layer may not use $used"
                ;;
            *) continue ;; # beside the file, a system header, or the generated config.h
            esac
            echo "$file:$line: #include $path: $why"
            status=1
        done < <(sed -nE '/^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]/{=;s/^[^"<]*["<]([^">]*)[">].*/\1/p}' "$file" | paste -d: - -)
    done < <(find "$layer" -type f \( -name '*.[ch]' -o -name '*.cu' -o -name '*.cpp' -o -name '*.inc' \) -print0 | sort -z)
done
[ "$files" -gt 0 ] || { echo "check_layers: no source found in $PWD" && exit 1; }
exit $status
