#include "estimators/patterns_internal.h"

#include <string.h>

/* to[] = from[] in stable order of key[sample] < keys. `start` has keys + 1 slots. */
static void sort_by(const uint32_t *key, size_t keys, const uint32_t *from, size_t n, uint32_t *start, uint32_t *to)
{
    memset(start, 0, (keys + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[key[i] + 1]++;
    for (size_t c = 0; c < keys; c++)
        start[c + 1] += start[c];
    for (size_t r = 0; r < n; r++)
        to[start[key[from[r]]]++] = from[r];
}

static bool same_pattern(const struct icl_column_group *group, uint32_t i, uint32_t j)
{
    for (size_t c = 0; c < group->size; c++)
        if (group->column[c]->group[i] != group->column[c]->group[j]) return false;
    return true;
}

icl_status icl_patterns_find(const struct icl_column_group *group, struct icl_workspace *workspace,
                             struct icl_patterns *patterns, struct icl_error *err)
{
    const size_t n = group->column[0]->n;
    size_t keys = 1;
    for (size_t c = 0; c < group->size; c++)
        if (group->column[c]->atom_count + 1 > keys) keys = group->column[c]->atom_count + 1;
    patterns->of = ICL_TAKE(workspace, n, uint32_t);
    patterns->begin = ICL_TAKE(workspace, n + 1, uint32_t);
    patterns->sample = ICL_TAKE(workspace, n, uint32_t);
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *start = ICL_TAKE(workspace, keys + 1, uint32_t), *other = ICL_TAKE(workspace, n, uint32_t);
    if (!patterns->of || !patterns->begin || !patterns->sample || !start || !other)
        return icl_fail_memory(err, "atom patterns");
    uint32_t *from = patterns->sample, *to = other;
    for (size_t i = 0; i < n; i++)
        from[i] = (uint32_t)i;
    for (size_t c = group->size; c-- > 0;) { /* the last column first: each sort keeps the order of the one before */
        const struct icl_column *column = group->column[c];
        if (column->atom_count == 0) continue;
        sort_by(column->group, column->atom_count + 1, from, n, start, to);
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != patterns->sample) memcpy(patterns->sample, from, n * sizeof *from);
    icl_workspace_release(workspace, mark);
    patterns->count = 0;
    for (size_t r = 0; r < n; r++) {
        const uint32_t i = patterns->sample[r];
        if (r == 0 || !same_pattern(group, i, patterns->sample[r - 1]))
            patterns->begin[patterns->count++] = (uint32_t)r;
        patterns->of[i] = (uint32_t)patterns->count - 1;
    }
    patterns->begin[patterns->count] = (uint32_t)n;
    return ICL_OK;
}

icl_status icl_patterns_order(const struct icl_patterns *first, const struct icl_patterns *second, size_t n,
                              struct icl_workspace *workspace, uint32_t *order, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *start = ICL_TAKE(workspace, first->count + 1, uint32_t);
    if (start == NULL) return icl_fail_memory(err, "atom patterns");
    sort_by(first->of, first->count, second->sample, n, start, order);
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
