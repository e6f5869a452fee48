/* Joint tables and nearest neighbours of pairs of columns, against plain counting. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

enum { PERMUTATIONS = 2 };

/* Pairs 0-1, 0-2, ... of the columns, each third one through a permutation when checking. */
static size_t make_pairs(const struct trial *t, size_t columns, size_t most, struct icl_device_pair *pair)
{
    size_t count = 0;
    for (uint32_t x = 0; x < columns; x++)
        for (uint32_t y = x + 1; y < columns && count < most; y++, count++)
            pair[count] = (struct icl_device_pair){
                x, y, !t->measuring && count % 3 == 1 ? (int32_t)(count / 3 % PERMUTATIONS) : ICL_DEVICE_AS_IT_IS};
    return count;
}

struct shuffles {
    uint32_t *to;
    struct trial_area *there_to, *there_from;
};

static struct shuffles make_shuffles(struct trial *t, size_t n)
{
    struct shuffles s = {.to = trial_host(t, PERMUTATIONS * n * sizeof *s.to)};
    uint32_t *from = trial_host(t, PERMUTATIONS * n * sizeof *from);
    if (s.to == NULL || from == NULL) return s;
    for (uint32_t m = 0; m < PERMUTATIONS; m++) {
        const struct icl_stream stream = {t->stream.seed, ICL_PURPOSE_PERMUTE, 9, m};
        icl_random_permutation(&stream, n, s.to + m * n);
        for (size_t i = 0; i < n; i++)
            from[m * n + s.to[m * n + i]] = (uint32_t)i;
    }
    s.there_to = trial_upload(t, s.to, PERMUTATIONS * n * sizeof *from, PERMUTATIONS * n * sizeof *from);
    s.there_from = trial_upload(t, from, PERMUTATIONS * n * sizeof *from, PERMUTATIONS * n * sizeof *from);
    return s;
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

static const struct table_form {
    size_t n, columns, pairs;
    uint32_t bins;
} table_checked[] = {{501, 5, 10, 7}, {1300, 4, 6, 40}, {64, 3, 3, 1}, {2000, 3, 3, 200}},
  table_measured[] = {{10000, 512, 130816, 20}, {10000, 512, 16384, 100}};

struct table_trial {
    struct table_form form;
    size_t stride, pairs;
    uint16_t *bin;
    uint32_t bins[512];
    int64_t *term;
    struct icl_device_pair *pair;
    struct shuffles shuffles;
    struct trial_area *there_bin, *there_bins, *there_term, *there_pair, *out;
};

static void table_make(struct trial *t)
{
    struct table_trial *b = t->state = trial_host(t, sizeof *b);
    if (b == NULL) return;
    b->form = t->measuring ? table_measured[t->form] : table_checked[t->form];
    if (t->tiny) b->form = (struct table_form){100, 3, 3, 5};
    const struct table_form *f = &b->form;
    b->stride = (f->n + 7) / 8 * 8;
    b->bin = trial_host(t, f->columns * b->stride * sizeof *b->bin);
    b->term = trial_host(t, (f->n + 1) * sizeof *b->term);
    b->pair = trial_host(t, f->pairs * sizeof *b->pair);
    uint32_t *words = trial_host(t, f->columns * b->stride * sizeof *words);
    if (t->status != ICL_OK) return;
    trial_words(t, f->columns * b->stride, words);
    for (size_t c = 0; c < f->columns; c++) {
        b->bins[c] = t->measuring || c == 0 ? f->bins : f->bins - (uint32_t)c % f->bins;
        for (size_t i = 0; i < b->stride; i++) /* low bins more often, and behind the samples what is no bin */
            b->bin[c * b->stride + i] =
                i < f->n
                    ? (uint16_t)((words[c * b->stride + i] & 0xffffU) % (1 + words[c * b->stride + i] % b->bins[c]))
                    : UINT16_MAX;
    }
    for (size_t k = 0; k <= f->n; k++)
        b->term[k] = k == 0 ? 0 : llrint(ldexp((double)k * log((double)k), 30));
    b->pairs = make_pairs(t, f->columns, f->pairs, b->pair);
    b->shuffles = make_shuffles(t, f->n);
    const size_t bytes = f->columns * b->stride * sizeof *b->bin;
    b->there_bin = trial_upload(t, b->bin, bytes, bytes);
    b->there_bins = trial_upload(t, b->bins, f->columns * 4, f->columns * 4);
    b->there_term = trial_upload(t, b->term, (f->n + 1) * 8, (f->n + 1) * 8);
    b->there_pair = trial_upload(t, b->pair, b->pairs * sizeof *b->pair, b->pairs * sizeof *b->pair);
    b->out = trial_area(t, b->pairs * sizeof(struct icl_device_table));
    snprintf(t->label, sizeof t->label, "%zu pairs of %zu columns x %zu samples, %u bins", b->pairs, f->columns, f->n,
             f->bins);
    t->amount = (double)b->pairs * (double)f->n;
}

static void table_work(struct trial *t)
{
    const struct table_trial *b = t->state;
    const struct icl_device_bins bins = {
        .n = b->form.n,
        .stride = b->stride,
        .bin = trial_at(t, b->there_bin),
        .bins = trial_at(t, b->there_bins),
        .term = trial_at(t, b->there_term),
        .permutations = {trial_at(t, b->shuffles.there_to), trial_at(t, b->shuffles.there_from)}};
    t->call->pairs.tables(t->device, &bins, trial_at(t, b->there_pair), b->pairs, b->form.bins * b->form.bins,
                          trial_at(t, b->out));
}

static void table_check(struct trial *t)
{
    const struct table_trial *b = t->state;
    const size_t n = b->form.n, side = b->form.bins;
    const struct icl_device_table *got = trial_read(t, b->out);
    uint32_t *count = trial_host(t, side * side * sizeof *count);
    for (size_t p = 0; got != NULL && count != NULL && p < b->pairs; p++) {
        const struct icl_device_pair pair = b->pair[p];
        int64_t terms = 0;
        uint32_t occupied = 0;
        memset(count, 0, side * side * sizeof *count);
        for (size_t i = 0; i < n; i++) {
            const size_t j = pair.permutation < 0 ? i : b->shuffles.to[(size_t)pair.permutation * n + i];
            count[b->bin[pair.x * b->stride + i] * side + b->bin[pair.y * b->stride + j]]++;
        }
        for (size_t c = 0; c < side * side; c++) {
            terms += b->term[count[c]];
            occupied += count[c] != 0;
        }
        if (got[p].terms != terms || got[p].occupied != occupied)
            trial_problem(t, "pair %zu: %lld in %u cells, not %lld in %u", p, (long long)got[p].terms, got[p].occupied,
                          (long long)terms, occupied);
    }
}

/* ---- neighbours ------------------------------------------------------------------------------------------------- */

static const struct near_form {
    const char *name;
    size_t n, columns, pairs;
    enum icl_device_rule rule;
    unsigned k;
    bool atoms, tied; /* atoms: a share of every column but the last is zero, as a ReLU leaves it; tied: few values */
} near_checked[] =
    {
        {"ksg1", 150, 4, 6, ICL_DEVICE_KSG1, 3, false, false},
        {"ksg2", 131, 3, 3, ICL_DEVICE_KSG2, 5, false, false},
        {"mesner-shalizi, ties", 170, 3, 3, ICL_DEVICE_WITHIN, 4, false, true},
        {"ksg1, 40 neighbours", 160, 3, 3, ICL_DEVICE_KSG1, 40, false, false},
        {"decomposition", 240, 4, 6, ICL_DEVICE_KSG1, 3, true, false},
        {"decomposition, within", 200, 3, 3, ICL_DEVICE_WITHIN, 2, true, true},
},
  near_measured[] = {
      {"ksg1", 10000, 512, 2048, ICL_DEVICE_KSG1, 3, false, false},
      {"decomposition", 10000, 512, 2048, ICL_DEVICE_KSG1, 3, true, false},
      {"ksg1, all pairs of", 10000, 512, 130816, ICL_DEVICE_KSG1, 3, false, false},
};

enum { AT_ONCE = 4096 }; /* pairs of a call */

struct near_trial {
    struct near_form form;
    size_t pairs;
    double *value, *n_log_n, *digamma;
    uint32_t *order, *groups, *continuous;
    uint16_t *group;
    struct icl_device_pair *pair;
    struct shuffles shuffles;
    struct trial_area *there_value, *there_order, *there_group, *there_bin, *there_groups, *there_continuous,
        *there_n_log_n, *there_digamma, *there_pair, *scratch, *out;
};

static void fill_columns(struct trial *t, struct near_trial *a)
{
    const struct near_form *f = &a->form;
    const size_t n = f->n;
    icl_random_normal(&t->stream, 0, f->columns * n, a->value);
    for (size_t c = 0; c < f->columns; c++) {
        double *column = a->value + c * n;
        const bool atoms = f->atoms && c + 1 < f->columns;
        a->groups[c] = 1 + atoms;
        for (size_t i = 0; i < n; i++) {
            if (c > 0) column[i] = .8 * column[i] + .6 * a->value[i]; /* goes with the first one */
            if (f->tied) column[i] = nearbyint(4 * column[i]) / 4;
        }
        for (size_t i = 0; i < n && atoms; i++) {
            const bool zero = column[i] <= 0;
            a->group[c * n + i] = zero;
            column[i] = zero ? 0 : column[i];
        }
        for (size_t i = 0; i < n; i++)
            a->continuous[c] += a->group[c * n + i] == 0;
    }
}

struct ranked {
    double value;
    uint32_t sample;
};

static int by_value(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->sample > y->sample) - (x->sample < y->sample);
}

static void rank_columns(struct trial *t, struct near_trial *a)
{
    const size_t n = a->form.n;
    struct ranked *ranked = trial_host(t, n * sizeof *ranked);
    for (size_t c = 0; ranked != NULL && c < a->form.columns; c++) {
        for (size_t i = 0; i < n; i++)
            ranked[i] = (struct ranked){a->value[c * n + i], (uint32_t)i};
        qsort(ranked, n, sizeof *ranked, by_value);
        for (size_t i = 0; i < n; i++)
            a->order[c * n + i] = ranked[i].sample;
    }
}

static void near_make(struct trial *t)
{
    struct near_trial *a = t->state = trial_host(t, sizeof *a);
    if (a == NULL) return;
    a->form = t->measuring ? near_measured[t->form] : near_checked[t->form];
    if (t->tiny) a->form.n = 60, a->form.columns = 3, a->form.pairs = 3;
    const struct near_form *f = &a->form;
    const size_t all = f->columns * f->n;
    a->value = trial_host(t, all * sizeof *a->value);
    a->order = trial_host(t, all * sizeof *a->order);
    a->group = trial_host(t, all * sizeof *a->group);
    a->groups = trial_host(t, f->columns * sizeof *a->groups);
    a->continuous = trial_host(t, f->columns * sizeof *a->continuous);
    a->n_log_n = trial_host(t, (f->n + 1) * sizeof *a->n_log_n);
    a->digamma = trial_host(t, (f->n + 2) * sizeof *a->digamma);
    a->pair = trial_host(t, f->pairs * sizeof *a->pair);
    if (t->status != ICL_OK) return;
    fill_columns(t, a);
    rank_columns(t, a);
    a->digamma[0] = NAN;
    a->digamma[1] = -0.57721566490153286061; /* minus Euler's constant */
    for (size_t k = 1; k <= f->n; k++) {
        a->n_log_n[k] = (double)k * log((double)k);
        a->digamma[k + 1] = a->digamma[k] + 1.0 / (double)k;
    }
    a->pairs = make_pairs(t, f->columns, f->pairs, a->pair);
    a->shuffles = make_shuffles(t, f->n);
    a->there_value = trial_upload(t, a->value, all * 8, all * 8);
    a->there_order = trial_upload(t, a->order, all * 4, all * 4);
    if (f->atoms) {
        a->there_group = trial_upload(t, a->group, all * 2, all * 2);
        a->there_bin = trial_zeros(t, all);
        a->there_groups = trial_upload(t, a->groups, f->columns * 4, f->columns * 4);
        a->there_continuous = trial_upload(t, a->continuous, f->columns * 4, f->columns * 4);
    }
    a->there_n_log_n = trial_upload(t, a->n_log_n, (f->n + 1) * 8, (f->n + 1) * 8);
    a->there_digamma = trial_upload(t, a->digamma, (f->n + 2) * 8, (f->n + 2) * 8);
    a->there_pair = trial_upload(t, a->pair, a->pairs * sizeof *a->pair, a->pairs * sizeof *a->pair);
    const size_t at_once = a->pairs < AT_ONCE ? a->pairs : AT_ONCE;
    a->scratch = trial_area(t, at_once * icl_device_pair_scratch(f->n));
    a->out = trial_area(t, a->pairs * sizeof(struct icl_device_terms));
    snprintf(t->label, sizeof t->label, "%s, k %u: %zu pairs of %zu columns x %zu samples", f->name, f->k, a->pairs,
             f->columns, f->n);
    t->amount = (double)a->pairs * (double)f->n;
}

static void near_work(struct trial *t)
{
    const struct near_trial *a = t->state;
    const struct icl_device_samples samples = {
        .n = a->form.n,
        .stride = a->form.n,
        .value = trial_at(t, a->there_value),
        .order = trial_at(t, a->there_order),
        .group = trial_at(t, a->there_group),
        .bin = trial_at(t, a->there_bin),
        .groups = trial_at(t, a->there_groups),
        .continuous = trial_at(t, a->there_continuous),
        .n_log_n = trial_at(t, a->there_n_log_n),
        .digamma = trial_at(t, a->there_digamma),
        .permutations = {trial_at(t, a->shuffles.there_to), trial_at(t, a->shuffles.there_from)}};
    const struct icl_device_way way = {.rule = a->form.rule,
                                       .k = a->form.k,
                                       .most_together = (uint32_t)a->form.n,
                                       .most_cells = a->form.atoms ? 4 : 1,
                                       .most_groups = a->form.atoms ? 2 : 1};
    const struct icl_device_pair *pair = trial_at(t, a->there_pair);
    struct icl_device_terms *out = trial_at(t, a->out);
    for (size_t first = 0; first < a->pairs; first += AT_ONCE)
        t->call->pairs.neighbours(t->device, &samples, &way, pair + first,
                                  a->pairs - first < AT_ONCE ? a->pairs - first : AT_ONCE, trial_at(t, a->scratch),
                                  out + first);
}

/* ---- the same, plainly: every distance ---- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many of m gaps are below r, or not above it. */
static size_t count_gaps(const double *v, size_t m, size_t i, double r, bool strict)
{
    size_t count = 0;
    for (size_t j = 0; j < m; j++)
        count += strict ? fabs(v[j] - v[i]) < r : fabs(v[j] - v[i]) <= r;
    return count;
}

static double plane_sum(const struct near_trial *a, const double *x, const double *y, size_t m, double *room)
{
    const double *psi = a->digamma;
    const unsigned k = a->form.k;
    double sum = 0;
    for (size_t i = 0; i < m; i++) {
        size_t others = 0, within = 0;
        for (size_t j = 0; j < m; j++)
            if (j != i) room[others++] = fmax(fabs(x[j] - x[i]), fabs(y[j] - y[i]));
        qsort(room, others, sizeof *room, ascending);
        const double r = room[k - 1];
        double rx = r, ry = r;
        if (a->form.rule == ICL_DEVICE_KSG2) {
            rx = ry = 0;
            for (size_t j = 0; j < m; j++)
                if (j != i && fmax(fabs(x[j] - x[i]), fabs(y[j] - y[i])) <= r) {
                    rx = fmax(rx, fabs(x[j] - x[i]));
                    ry = fmax(ry, fabs(y[j] - y[i]));
                }
        }
        while (within < others && room[within] <= r)
            within++;
        const bool strict = a->form.rule == ICL_DEVICE_KSG1;
        const size_t nx = count_gaps(x, m, i, rx, strict), ny = count_gaps(y, m, i, ry, strict); /* itself, too */
        sum += strict ? psi[nx > 0 ? nx : 1] + psi[ny > 0 ? ny : 1] : psi[nx - 1] + psi[ny - 1];
        if (a->form.rule == ICL_DEVICE_WITHIN) sum -= psi[within];
    }
    return sum;
}

/* Ross's sum of the amplitudes v with class labels (Ross 2014), classes of one left out. */
static double ross_sum(const struct near_trial *a, const double *v, const uint16_t *label, size_t m, double *room,
                       uint32_t *kept)
{
    const double *psi = a->digamma;
    double sum = 0;
    *kept = 0;
    for (size_t i = 0; i < m; i++) {
        size_t size = 0, any = 0, same = 0, found = 0;
        for (size_t j = 0; j < m; j++) {
            if (label[j] != label[i]) continue;
            size++;
            if (j != i) room[found++] = fabs(v[j] - v[i]);
        }
        if (size < 2) continue;
        *kept += 1;
        qsort(room, found, sizeof *room, ascending);
        const double r = room[(a->form.k < found ? a->form.k : found) - 1];
        for (size_t j = 0; j < m; j++) {
            size_t class = 0;
            for (size_t q = 0; q < m && class < 2; q++)
                class += label[q] == label[j];
            if (j == i || class < 2 || fabs(v[j] - v[i]) > r) continue;
            any++;
            same += label[j] == label[i];
        }
        sum += psi[same] - psi[size] - psi[any];
    }
    return sum;
}

/* The information of two labels of at most two classes, less Miller and Madow's bias. */
static double identities(const uint16_t *x, const uint16_t *y, size_t n, unsigned rows, unsigned cols)
{
    double joint[2][2] = {{0}}, information = 0, cells = 0, levels = 0;
    for (size_t i = 0; i < n; i++)
        joint[x[i]][y[i]]++;
    for (unsigned r = 0; r < rows; r++)
        levels += joint[r][0] + joint[r][1] > 0;
    for (unsigned c = 0; c < cols; c++)
        levels += joint[0][c] + joint[1][c] > 0;
    for (unsigned r = 0; r < rows; r++)
        for (unsigned c = 0; c < cols; c++) {
            const double row = joint[r][0] + joint[r][1], col = joint[0][c] + joint[1][c], both = joint[r][c];
            cells += both > 0;
            if (both > 0) information += both / (double)n * log(both * (double)n / (row * col));
        }
    return information - (cells - levels + 1) / (2 * (double)n);
}

/* What a check of a pair needs. */
struct plain_pair {
    double *x, *y, *v, *room; /* n each */
    uint16_t *gx, *gy, *label;
};

static void check_pair(struct trial *t, const struct near_trial *a, size_t p, const struct icl_device_terms *got,
                       const struct plain_pair *w)
{
    const struct icl_device_pair pair = a->pair[p];
    const size_t n = a->form.n;
    size_t m = 0;
    double x, y;
    for (size_t i = 0; i < n; i++) {
        const size_t j = pair.permutation < 0 ? i : a->shuffles.to[(size_t)pair.permutation * n + i];
        w->gx[i] = a->group[pair.x * n + i];
        w->gy[i] = a->group[pair.y * n + j];
        x = a->value[pair.x * n + i];
        y = a->value[pair.y * n + j];
        if (w->gx[i] != 0 || w->gy[i] != 0) continue;
        w->x[m] = x;
        w->y[m++] = y;
    }
    const double plane = plane_sum(a, w->x, w->y, m, w->room), slack = 1e-11 * (double)n;
    if (got->together != m) trial_problem(t, "pair %zu: %u together, not %zu", p, got->together, m);
    trial_near_f64(t, "plane", &got->plane, &plane, 1, 1e-12, slack);
    if (!a->form.atoms) return;
    const double atoms = identities(w->gx, w->gy, n, a->groups[pair.x], a->groups[pair.y]);
    trial_near_f64(t, "identities", &got->atoms, &atoms, 1, 1e-10, 1e-12);
    for (int side = 0; side < 2; side++) {
        const uint16_t *own = side == 0 ? w->gx : w->gy, *other = side == 0 ? w->gy : w->gx;
        uint32_t kept = 0;
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            const size_t j = pair.permutation < 0 ? i : a->shuffles.to[(size_t)pair.permutation * n + i];
            if (own[i] != 0) continue;
            w->v[count] = side == 0 ? a->value[pair.x * n + i] : a->value[pair.y * n + j];
            w->label[count++] = other[i];
        }
        if (a->groups[side == 0 ? pair.y : pair.x] > 1) sum = ross_sum(a, w->v, w->label, count, w->room, &kept);
        if (got->side_samples[side] != kept)
            trial_problem(t, "pair %zu: %u samples of side %d, not %u", p, got->side_samples[side], side, kept);
        trial_near_f64(t, "Ross term", &got->side[side], &sum, 1, 1e-12, slack);
    }
}

static void near_check(struct trial *t)
{
    const struct near_trial *a = t->state;
    const size_t n = a->form.n;
    const struct icl_device_terms *got = trial_read(t, a->out);
    double *doubles = trial_host(t, 4 * n * sizeof *doubles);
    uint16_t *labels = trial_host(t, 3 * n * sizeof *labels);
    if (got == NULL || doubles == NULL || labels == NULL) return;
    const struct plain_pair w = {doubles, doubles + n, doubles + 2 * n, doubles + 3 * n,
                                 labels,  labels + n,  labels + 2 * n};
    for (size_t p = 0; p < a->pairs && t->problem[0] == '\0'; p++)
        check_pair(t, a, p, &got[p], &w);
}

const struct trial_row trial_rows_neighbours[] = {
    {"tables", {TRIAL_PAIRS(tables)}, 4, 2, table_make, table_work, table_check, NULL},
    {"neighbours", {TRIAL_PAIRS(neighbours)}, 6, 3, near_make, near_work, near_check, NULL},
    {0},
};
