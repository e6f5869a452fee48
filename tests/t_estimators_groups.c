/* Mutual information of groups of columns: stored answers, plain second ways, known truths, odd columns. */
#include "tests/estimators_support.h"

#include <gsl/gsl_cdf.h>

#include "estimators/group_uncertainty.h"
#include "estimators/mi_groups.h"
#include "estimators/mi_error.h"
#include "estimators/mi_permutation.h"

enum { MOST = 12, FEW = 300, MANY = 4000 };

static double value[MOST][MANY];

/* Columns prepared from value[0..count-1], and pointers to them. */
struct prepared {
    size_t count;
    struct icl_column column[MOST];
    const struct icl_column *pointer[MOST];
};

static void prepare(struct prepared *p, const double *const *from, size_t count, size_t n)
{
    p->count = count;
    for (size_t c = 0; c < count; c++) {
        p->column[c] = column_of(from[c], n);
        p->pointer[c] = &p->column[c];
    }
}

static void prepare_values(struct prepared *p, size_t count, size_t n)
{
    const double *from[MOST];
    for (size_t c = 0; c < count; c++)
        from[c] = value[c];
    prepare(p, from, count, n);
}

static void discard(struct prepared *p)
{
    for (size_t c = 0; c < p->count; c++)
        icl_column_free(&p->column[c]);
}

/* The first dx columns against the others. */
static struct icl_mi_result groups_result(const struct prepared *p, size_t dx, enum icl_mi_estimator estimator,
                                          unsigned k)
{
    const struct icl_column_group x = {p->pointer, dx}, y = {p->pointer + dx, p->count - dx};
    const struct icl_mi_options options = {.estimator = estimator, .k = k};
    struct icl_error err = {0};
    struct icl_mi_result result;
    if (icl_mi_groups(&x, &y, &options, scratch(), &result, &err) != ICL_OK) fail_msg("icl_mi_groups: %s", err.message);
    return result;
}

/* ---- stored answers ------------------------------------------------------------------------------------------- */

static size_t read_names(const char *text, const double **from)
{
    char names[NAME_SIZE];
    size_t count = 0;
    strcpy(names, text);
    for (char *name = strtok(names, "+"); name != NULL; name = strtok(NULL, "+"))
        from[count++] = stored_sample(name);
    return count;
}

static enum icl_mi_estimator checked;

static void check_answer(const struct answer *a)
{
    const double *from[MOST];
    const size_t dx = read_names(a->x, from), count = dx + read_names(a->y, from + dx);
    struct prepared p;
    prepare(&p, from, count, SAMPLES);
    assert_near(groups_result(&p, dx, checked, a->k).mi, a->value, 1e-12);
    discard(&p);
}

static void check_ross(const struct answer *a)
{
    const double *from[MOST], *at[MOST];
    const size_t d = read_names(a->x, from);
    static uint32_t label[SAMPLES];
    struct prepared p;
    prepare(&p, from, d, SAMPLES);
    for (size_t c = 0; c < d; c++)
        at[c] = p.column[c].z;
    for (size_t i = 0; i < SAMPLES; i++)
        label[i] = (uint32_t)stored_sample(a->y)[i];
    double mi;
    assert_int_equal(icl_mi_ross_vector(at, d, label, SAMPLES, 5, a->k, scratch(), &mi, NULL), ICL_OK);
    assert_near(mi, a->value, 1e-12);
    discard(&p);
}

static void agree_with_stored_answers(void **state)
{
    (void)state;
    static const char path[] = "tests/vectors/group_estimates.tsv";
    static const enum icl_mi_estimator estimators[] = {ICL_MI_KSG1, ICL_MI_KSG2, ICL_MI_MESNER_SHALIZI,
                                                       ICL_MI_DECOMPOSITION};
    for (size_t e = 0; e < COUNT_OF(estimators); e++) {
        checked = estimators[e];
        for_each_answer_in(path, icl_mi_names[checked], check_answer);
    }
    for_each_answer_in(path, "ross", check_ross);
}

/* ---- the plain way -------------------------------------------------------------------------------------------- */

/* Columns that depend on each other, some with atoms. */
static void draw(uint64_t seed, size_t count, size_t n, double silent)
{
    static double gate[MANY];
    for (uint32_t c = 0; c < count; c++) {
        draw_normal(seed, c, n, value[c]);
        draw_uniform(seed, c + 100, n, gate);
        for (size_t i = 0; i < n; i++) {
            if (c > 0) value[c][i] = 0.7 * value[0][i] + 0.7 * value[c][i];
            if (c % 3 != 1 && gate[i] < silent) value[c][i] = 0;
            if (c % 3 == 2 && gate[i] > 1 - silent / 2) value[c][i] = 6;
        }
    }
}

static double distance(const double *const *at, size_t d, size_t i, size_t j)
{
    double largest = 0;
    for (size_t a = 0; a < d; a++)
        largest = fmax(largest, fabs(at[a][i] - at[a][j]));
    return largest;
}

/* All three from counts by loops. */
static double plain_knn(enum icl_mi_estimator estimator, const double *const *at, size_t dx, size_t dy, size_t n,
                        unsigned k)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double r = plain_radius(at, (unsigned)(dx + dy), n, i, k);
        double ex = 0, ey = 0;
        size_t kt = 0, nx = 0, ny = 0;
        for (size_t j = 0; j < n; j++) {
            if (j == i || distance(at, dx + dy, i, j) > r) continue;
            kt++;
            ex = fmax(ex, distance(at, dx, i, j));
            ey = fmax(ey, distance(at + dx, dy, i, j));
        }
        for (size_t j = 0; j < n; j++) {
            const double x = distance(at, dx, i, j), y = distance(at + dx, dy, i, j);
            if (j == i) continue;
            nx += estimator == ICL_MI_KSG1 ? x < r : estimator == ICL_MI_KSG2 ? x <= ex : x <= r;
            ny += estimator == ICL_MI_KSG1 ? y < r : estimator == ICL_MI_KSG2 ? y <= ey : y <= r;
        }
        if (estimator == ICL_MI_KSG1) sum += psi_of(k) + psi_of(n) - psi_of(nx + 1) - psi_of(ny + 1);
        if (estimator == ICL_MI_KSG2) sum += psi_of(k) - 1.0 / k + psi_of(n) - psi_of(nx) - psi_of(ny);
        if (estimator == ICL_MI_MESNER_SHALIZI) sum += psi_of(kt) + psi_of(n) - psi_of(nx) - psi_of(ny);
    }
    return sum / (double)n;
}

static void agree_with_the_plain_way(void **state)
{
    (void)state;
    static const enum icl_mi_estimator estimators[] = {ICL_MI_KSG1, ICL_MI_KSG2, ICL_MI_MESNER_SHALIZI};
    uint64_t seed = 500;
    for (size_t e = 0; e < COUNT_OF(estimators); e++)
        for (size_t count = 3; count <= 11; count += 4)
            for (size_t dx = 1; dx < count; dx += 2)
                for (unsigned k = 1; k <= 13; k += 4)
                    for (int silent = 0; silent < 2; silent++) {
                        const double *at[MOST];
                        struct prepared p;
                        const size_t n = 60 + 11 * k;
                        if (silent && estimators[e] != ICL_MI_MESNER_SHALIZI) continue;
                        draw(seed++, count, n, silent * 0.4);
                        prepare_values(&p, count, n);
                        for (size_t c = 0; c < count; c++)
                            at[c] = p.column[c].z;
                        assert_near(groups_result(&p, dx, estimators[e], k).mi,
                                    plain_knn(estimators[e], at, dx, count - dx, n, k), 1e-12);
                        discard(&p);
                    }
}

/* Ross with ties, by loops. */
static double plain_ross_vector(const double *const *at, size_t d, const uint32_t *label, size_t n, unsigned k)
{
    double sum = 0;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        size_t size = 0;
        for (size_t j = 0; j < n; j++)
            size += label[j] == label[i];
        kept += size > 1;
    }
    for (size_t i = 0; i < n; i++) {
        size_t size = 0, found = 0, same = 0, any = 0;
        for (size_t j = 0; j < n; j++)
            size += label[j] == label[i];
        if (size < 2) continue;
        const size_t ki = size - 1 < k ? size - 1 : k;
        double radius = -1;
        while (found < ki) {
            double next = INFINITY;
            for (size_t j = 0; j < n; j++)
                if (j != i && label[j] == label[i] && distance(at, d, i, j) > radius)
                    next = fmin(next, distance(at, d, i, j));
            for (size_t j = 0; j < n; j++)
                found += j != i && label[j] == label[i] && distance(at, d, i, j) == next;
            radius = next;
        }
        for (size_t j = 0; j < n; j++) {
            size_t size_j = 0;
            for (size_t l = 0; l < n; l++)
                size_j += label[l] == label[j];
            if (j == i || size_j < 2 || distance(at, d, i, j) > radius) continue;
            any++;
            same += label[j] == label[i];
        }
        sum += psi_of(kept) + psi_of(same) - psi_of(size) - psi_of(any);
    }
    return kept > k ? sum / (double)kept : NAN;
}

static void ross_by_its_formula(void **state)
{
    (void)state;
    enum { N = 120 };
    static uint32_t label[N], order[N];
    const double *at[MOST];
    for (size_t d = 1; d <= 9; d += 2)
        for (unsigned k = 1; k <= 21; k += 5)
            for (int silent = 0; silent < 2; silent++) {
                draw(600 + d + k, d, N, silent * 0.5);
                for (size_t i = 0; i < N; i++)
                    label[i] = i == 7 ? 4 : (uint32_t)((value[0][i] > 0.3) + 2 * (i % 5 == 0));
                for (size_t c = 0; c < d; c++)
                    at[c] = value[c];
                double mi, other;
                assert_int_equal(icl_mi_ross_vector(at, d, label, N, 6, k, scratch(), &mi, NULL), ICL_OK);
                assert_near(mi, plain_ross_vector(at, d, label, N, k), 1e-12);
                if (d > 1) continue;
                struct icl_column column = column_of(value[0], N);
                memcpy(order, column.order, sizeof order);
                assert_int_equal(icl_mi_ross(value[0], order, label, N, 6, k, scratch(), &other, NULL), ICL_OK);
                assert_near(mi, other, 1e-12);
                icl_column_free(&column);
            }
    for (size_t i = 0; i < N; i++)
        label[i] = (uint32_t)i;
    double mi;
    for (unsigned together = 1; together <= 3;
         together++) { /* classes of one but for the first: 0, 2, 3 samples left */
        for (size_t i = 0; i < together; i++)
            label[i] = 0;
        assert_int_equal(icl_mi_ross_vector(at, 2, label, N, N, 3, scratch(), &mi, NULL), ICL_OK);
        assert_true(isnan(mi));
    }
}

/* pattern[i] = the first sample with the same atom identities in all these columns. */
static void plain_patterns(const struct icl_column *const *column, size_t count, size_t n, uint32_t *pattern)
{
    for (size_t i = 0; i < n; i++)
        for (pattern[i] = 0; pattern[i] < i; pattern[i]++) {
            bool same = true;
            for (size_t c = 0; c < count; c++)
                same = same && column[c]->group[i] == column[c]->group[pattern[i]];
            if (same) break;
        }
}

/* The scores of the columns that are continuous at sample `like`, of the samples with first[i] == of (and
 * second[i] == of_second). Returns how many columns. */
static size_t take_scores(const struct icl_column *const *column, size_t count, size_t n, size_t like,
                          const bool *chosen, const double **at)
{
    size_t open = 0;
    for (size_t c = 0; c < count; c++) {
        if (column[c]->group[like] != 0) continue;
        double *score = take_doubles(n);
        size_t m = 0;
        for (size_t i = 0; i < n; i++)
            if (chosen[i]) score[m++] = column[c]->score[i];
        at[open++] = score;
    }
    return open;
}

/* More than an eighth of the samples have more than k others within the distance of the k-th. */
static bool plain_distances_tie(const double *const *at, size_t d, size_t n, unsigned k)
{
    size_t ties = 0;
    for (size_t i = 0; i < n; i++) {
        const double r = plain_radius(at, (unsigned)d, n, i, k);
        size_t within = 0;
        for (size_t j = 0; j < n; j++)
            within += j != i && distance(at, d, i, j) <= r;
        ties += within > k;
    }
    return 8 * ties > n;
}

static double plain_decomposition(const struct icl_column *const *column, size_t dx, size_t dy, size_t n, unsigned k)
{
    static uint32_t of[2][FEW], both[FEW], label[FEW];
    static bool chosen[FEW];
    const double *at[MOST];
    const struct icl_mark mark = icl_workspace_mark(scratch());
    plain_patterns(column, dx, n, of[0]);
    plain_patterns(column + dx, dy, n, of[1]);
    plain_patterns(column, dx + dy, n, both);
    double mi = 0, parameters = 1;
    for (size_t i = 0; i < n; i++) { /* every pattern at its first sample */
        double count_x = 0, count_y = 0, count = 0;
        for (size_t j = 0; j < n; j++) {
            count_x += of[0][j] == of[0][i];
            count_y += of[1][j] == of[1][i];
            count += both[j] == both[i];
        }
        parameters -= (double)(of[0][i] == i) + (double)(of[1][i] == i);
        for (size_t side = 0; side < 2; side++) {
            size_t m = 0;
            if (of[side][i] != i) continue;
            for (size_t j = 0; j < n; j++) {
                chosen[j] = of[side][j] == i;
                if (chosen[j]) label[m++] = of[1 - side][j];
            }
            const size_t d = take_scores(side == 0 ? column : column + dx, side == 0 ? dx : dy, n, i, chosen, at);
            const double term = d > 0 && m > k ? plain_ross_vector(at, d, label, m, k) : NAN;
            if (!isnan(term)) mi += (double)m / (double)n * term;
        }
        if (both[i] != i) continue;
        parameters += 1;
        mi += count / (double)n * log(count * (double)n / (count_x * count_y));
        for (size_t j = 0; j < n; j++)
            chosen[j] = both[j] == i;
        const size_t open_x = take_scores(column, dx, n, i, chosen, at);
        const size_t open_y = take_scores(column + dx, dy, n, i, chosen, at + open_x);
        if (open_x == 0 || open_y == 0 || count <= k) continue;
        const enum icl_mi_estimator form =
            plain_distances_tie(at, open_x + open_y, (size_t)count, k) ? ICL_MI_MESNER_SHALIZI : ICL_MI_KSG1;
        mi += count / (double)n * plain_knn(form, at, open_x, open_y, (size_t)count, k);
    }
    icl_workspace_release(scratch(), mark);
    return mi - parameters / (2 * (double)n);
}

static void the_decomposition_by_its_formula(void **state)
{
    (void)state;
    for (size_t count = 2; count <= 5; count++)
        for (size_t dx = 1; dx < count; dx++)
            for (unsigned k = 1; k <= 16; k++) {
                struct prepared p;
                draw(800 + count + k, count, FEW, 0.35);
                prepare_values(&p, count, FEW);
                const struct icl_column_group x = {p.pointer, dx}, y = {p.pointer + dx, count - dx};
                struct icl_mi_result result = {0};
                assert_int_equal(icl_mi_groups_decomposition(&x, &y, k, scratch(), &result, NULL), ICL_OK);
                assert_near(result.mi, plain_decomposition(p.pointer, dx, count - dx, FEW, k), 1e-12);
                assert_near(result.mi, result.atoms + result.x_amplitude + result.y_amplitude + result.amplitudes,
                            1e-15);
                discard(&p);
            }
}

/* Scores of 20 samples are 20 numbers: the maximum over 25 columns a side is one of few, and distances tie although no
 * column does. Counts inside the radius alone read .2 to .5 here. */
static void distances_that_tie(void **state)
{
    (void)state;
    enum { ROWS = 20, SIDE = 25, SEEDS = 10 };
    static double sample[2 * SIDE][ROWS];
    static struct icl_column column[2 * SIDE];
    const struct icl_column *pointer[2 * SIDE];
    const double *at[2 * SIDE];
    struct summary found = {0}, inside = {0};
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        for (uint32_t c = 0; c < 2 * SIDE; c++) {
            draw_normal(seed, c, ROWS, sample[c]);
            column[c] = column_of(sample[c], ROWS);
            pointer[c] = &column[c];
            at[c] = column[c].score;
        }
        const struct icl_column_group x = {pointer, SIDE}, y = {pointer + SIDE, SIDE};
        struct icl_mi_result result = {0};
        assert_int_equal(icl_mi_groups_decomposition(&x, &y, 5, scratch(), &result, NULL), ICL_OK);
        assert_near(result.mi, plain_knn(ICL_MI_MESNER_SHALIZI, at, SIDE, SIDE, ROWS, 5), 1e-12);
        summary_add(&found, result.mi);
        summary_add(&inside, plain_knn(ICL_MI_KSG1, at, SIDE, SIDE, ROWS, 5));
        for (size_t c = 0; c < COUNT_OF(column); c++)
            icl_column_free(&column[c]);
    }
    print_message("# ties: %.3f +- %.3f, inside %.3f\n", found.mean, summary_error(&found), inside.mean);
    assert_near(found.mean, 0, 0.1 + 4 * summary_error(&found));
    assert_true(inside.mean > 0.2);
}

/* ---- against the pair ----------------------------------------------------------------------------------------- */

static void same_result(const struct icl_mi_result *a, const struct icl_mi_result *b)
{
    assert_near(a->mi, b->mi, 0);
    assert_near(a->atoms, b->atoms, 0);
    assert_near(a->amplitudes, b->amplitudes, 0);
    assert_int_equal(a->estimator, b->estimator);
    assert_int_equal(a->notes, b->notes);
}

static void one_column_a_side_is_the_pair(void **state)
{
    (void)state;
    for (enum icl_mi_estimator e = ICL_MI_AUTO; e < ICL_MI_COUNT; e++)
        for (int silent = 0; silent < 2; silent++) {
            struct prepared p;
            draw(30 + (uint64_t)silent, 3, FEW, silent * 0.4);
            for (size_t i = 0; i < FEW; i++) /* a constant beside the first changes nothing */
                value[2][i] = 4;
            prepare_values(&p, 3, FEW);
            const struct icl_mi_options options = {.estimator = e};
            const struct icl_column_group x = {p.pointer, 1}, y = {p.pointer + 1, 1}, more = {p.pointer + 1, 2};
            struct icl_mi_result pair, groups;
            assert_int_equal(icl_mi_pair(p.pointer[0], p.pointer[1], &options, scratch(), &pair, NULL), ICL_OK);
            assert_int_equal(icl_mi_groups(&x, &y, &options, scratch(), &groups, NULL), ICL_OK);
            same_result(&groups, &pair);
            if (icl_mi_takes_groups(e)) {
                assert_int_equal(icl_mi_groups(&x, &more, &options, scratch(), &groups, NULL), ICL_OK);
                same_result(&groups, &pair);
            }
            discard(&p);
        }
}

/* A column given twice adds no coordinate: the same distances, the same counts. */
static void a_column_twice_is_a_column(void **state)
{
    (void)state;
    static const enum icl_mi_estimator estimators[] = {ICL_MI_KSG1, ICL_MI_KSG2, ICL_MI_MESNER_SHALIZI,
                                                       ICL_MI_DECOMPOSITION};
    for (size_t e = 0; e < COUNT_OF(estimators); e++) {
        struct prepared p;
        draw(41, 2, MANY, 0);
        prepare_values(&p, 2, MANY);
        const struct icl_column *const twice[] = {p.pointer[0], p.pointer[0], p.pointer[0]};
        const struct icl_column_group x = {twice, 3}, y = {p.pointer + 1, 1};
        const struct icl_mi_options options = {.estimator = estimators[e], .k = 4};
        struct icl_mi_result pair, groups;
        assert_int_equal(icl_mi_pair(p.pointer[0], p.pointer[1], &options, scratch(), &pair, NULL), ICL_OK);
        assert_int_equal(icl_mi_groups(&x, &y, &options, scratch(), &groups, NULL), ICL_OK);
        assert_near(groups.mi, pair.mi, 1e-13);
        discard(&p);
    }
}

static void order_side_and_scale_do_not_matter(void **state)
{
    (void)state;
    static const enum icl_mi_estimator estimators[] = {ICL_MI_KSG1, ICL_MI_KSG2, ICL_MI_MESNER_SHALIZI,
                                                       ICL_MI_DECOMPOSITION, ICL_MI_AUTO};
    for (size_t e = 0; e < COUNT_OF(estimators); e++) {
        struct prepared p;
        draw(61, 5, FEW, e < 2 ? 0 : 0.3);
        prepare_values(&p, 5, FEW);
        const double mi = groups_result(&p, 2, estimators[e], 3).mi;
        const struct icl_column *const turned[] = {p.pointer[4], p.pointer[2], p.pointer[3], p.pointer[1],
                                                   p.pointer[0]};
        const struct icl_column_group x = {turned, 3}, y = {turned + 3, 2};
        const struct icl_mi_options options = {.estimator = estimators[e], .k = 3};
        struct icl_mi_result other;
        assert_int_equal(icl_mi_groups(&x, &y, &options, scratch(), &other, NULL), ICL_OK);
        assert_near(other.mi, mi, 1e-12);
        discard(&p);
        for (size_t c = 0; c < 5; c++) /* by powers of two: exact */
            for (size_t i = 0; i < FEW; i++)
                value[c][i] *= ldexp(1, 10 * (int)c - 20);
        prepare_values(&p, 5, FEW);
        assert_near(groups_result(&p, 2, estimators[e], 3).mi, mi, 1e-12);
        discard(&p);
    }
}

/* ---- truths --------------------------------------------------------------------------------------------------- */

/* det of d normals of all correlations r. */
static double determinant(size_t d, double r)
{
    return d == 0 ? 1 : pow(1 - r, (double)d - 1) * (1 + ((double)d - 1) * r);
}

static double dense_mi(size_t a, size_t b, double r)
{
    return 0.5 * log(determinant(a, r) * determinant(b, r) / determinant(a + b, r));
}

static double binomial(unsigned n, unsigned k)
{
    double c = 1;
    for (unsigned i = 0; i < k; i++)
        c = c * (n - i) / (i + 1);
    return c;
}

/* d + d normals of all correlations 1/2, behind independent gates of `keep`. */
static void draw_dense(uint64_t seed, size_t d, size_t n, double keep)
{
    static double common[MANY], gate[MANY];
    draw_normal(seed, 60, n, common);
    for (uint32_t c = 0; c < 2 * d; c++) {
        draw_normal(seed, c, n, value[c]);
        draw_uniform(seed, c + 100, n, gate);
        for (size_t i = 0; i < n; i++)
            value[c][i] = gate[i] < keep ? (common[i] + value[c][i]) * sqrt(0.5) : 0;
    }
}

static struct summary measure(enum icl_mi_estimator estimator, size_t d, size_t n, double keep)
{
    const unsigned seeds = 6;
    struct summary found = {0};
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        struct prepared p;
        draw_dense(seed, d, n, keep);
        prepare_values(&p, 2 * d, n);
        summary_add(&found, groups_result(&p, d, estimator, 0).mi);
        discard(&p);
    }
    print_message("# %s, %zu + %zu, n %zu, keep %g: %.4f +- %.4f\n", icl_mi_names[estimator], d, d, n, keep, found.mean,
                  summary_error(&found));
    return found;
}

static void dense_multinormal(void **state)
{
    (void)state;
    /* Czyz et al. (2023) */
    assert_near(dense_mi(2, 2, 0.5), 0.293893, 1e-6);
    assert_near(dense_mi(3, 3, 0.5), 0.413339, 1e-6);
    assert_near(dense_mi(5, 5, 0.5), 0.592812, 1e-6);
    static const struct {
        size_t d;
        double bias; /* what a kNN estimate loses at n = 4000; measured over 40 other seeds */
    } cases[] = {{2, 0.0}, {3, -0.01}, {5, -0.06}};
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        const double truth = dense_mi(cases[c].d, cases[c].d, 0.5) + cases[c].bias;
        for (enum icl_mi_estimator e = ICL_MI_KSG1; e <= ICL_MI_KSG2; e++) {
            const struct summary found = measure(e, cases[c].d, MANY, 1);
            assert_near(found.mean, truth, 0.015 + 4 * summary_error(&found));
        }
    }
}

/* Gates are independent of all: the patterns of gates tell nothing, and the rest is the mean over open subsets. */
static void behind_gates(void **state)
{
    (void)state;
    const double keep = 0.6;
    const unsigned d = 2;
    double truth = 0;
    for (unsigned a = 1; a <= d; a++)
        for (unsigned b = 1; b <= d; b++)
            truth +=
                binomial(d, a) * binomial(d, b) * pow(keep, a + b) * pow(1 - keep, 2 * d - a - b) * dense_mi(a, b, 0.5);
    struct summary found = measure(ICL_MI_DECOMPOSITION, d, MANY, keep);
    assert_near(found.mean, truth, 0.01 + 4 * summary_error(&found));
    found = measure(ICL_MI_MESNER_SHALIZI, d, MANY, keep); /* slow to converge next to atoms */
    assert_near(found.mean, truth, 0.05 + 4 * summary_error(&found));
}

/* Student's t in 2 + 2 dimensions, nu = 2, dispersion 1 (Czyz et al. 2023): .193147. Scores tame its tails. */
static void student(void **state)
{
    (void)state;
    struct summary found = {0};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        static double u[MANY];
        struct prepared p;
        draw_uniform(seed, 200, MANY, u);
        for (uint32_t c = 0; c < 4; c++) {
            draw_normal(seed, c, MANY, value[c]);
            for (size_t i = 0; i < MANY; i++)
                value[c][i] /= sqrt(-log(u[i])); /* chi^2 of 2 degrees / 2 */
        }
        prepare_values(&p, 4, MANY);
        summary_add(&found, groups_result(&p, 2, ICL_MI_AUTO, 0).mi);
        discard(&p);
    }
    print_message("# student: %.4f +- %.4f\n", found.mean, summary_error(&found));
    /* over 20 other seeds -.075 at n = 1000, -.027 at 10000 */
    assert_near(found.mean, 0.193147 - 0.045, 0.02 + 4 * summary_error(&found));
}

/* ---- auto and odd input --------------------------------------------------------------------------------------- */

static void auto_chooses(void **state)
{
    (void)state;
    struct prepared p;
    enum icl_mi_estimator chosen;
    /* columns against columns, out of six behind gates: 2^count patterns each; then of the gates themselves */
    static const struct {
        size_t x, y;
        enum icl_mi_estimator gated, gates;
    } cases[] = {{2, 2, ICL_MI_DECOMPOSITION, ICL_MI_DECOMPOSITION},    /* 16 cells */
                 {3, 2, ICL_MI_DECOMPOSITION, ICL_MI_DECOMPOSITION},    /* 32 */
                 {3, 3, ICL_MI_MESNER_SHALIZI, ICL_MI_DECOMPOSITION},   /* 64: 6400 samples wanted, 640 */
                 {5, 2, ICL_MI_MESNER_SHALIZI, ICL_MI_DECOMPOSITION},   /* 128: 12800; coarse */
                 {5, 5, ICL_MI_MESNER_SHALIZI, ICL_MI_MESNER_SHALIZI},  /* 1024: 10240 */
                 {6, 1, ICL_MI_MESNER_SHALIZI, ICL_MI_MESNER_SHALIZI}}; /* 64 x 64 > 4000 */
    for (int gates = 0; gates < 2; gates++) {
        draw_dense(5, 6, MANY, 0.6);
        for (size_t c = 0; c < 12 && gates; c++)
            for (size_t i = 0; i < MANY; i++)
                value[c][i] = value[c][i] != 0;
        prepare_values(&p, 12, MANY);
        for (size_t c = 0; c < COUNT_OF(cases); c++) {
            const struct icl_column_group x = {p.pointer, cases[c].x}, y = {p.pointer + 6, cases[c].y};
            const enum icl_mi_estimator wanted = gates ? cases[c].gates : cases[c].gated;
            assert_int_equal(icl_mi_groups_choose(&x, &y, scratch(), &chosen, NULL), ICL_OK);
            assert_int_equal(chosen, wanted);
            assert_int_equal(icl_mi_groups_choose(&y, &x, scratch(), &chosen, NULL), ICL_OK);
            assert_int_equal(chosen, wanted);
        }
        if (!gates) assert_int_equal(groups_result(&p, 6, ICL_MI_AUTO, 0).estimator, ICL_MI_MESNER_SHALIZI);
        discard(&p);
    }
    draw_dense(5, 2, 300, 0.6); /* 2 x 2 patterns are few enough for any n */
    prepare_values(&p, 4, 300);
    const struct icl_column_group one = {p.pointer, 1}, next = {p.pointer + 1, 1}, pair = {p.pointer + 1, 2};
    assert_int_equal(icl_mi_groups_choose(&one, &next, scratch(), &chosen, NULL), ICL_OK);
    assert_int_equal(chosen, ICL_MI_DECOMPOSITION);
    assert_int_equal(icl_mi_groups_choose(&one, &pair, scratch(), &chosen, NULL), ICL_OK);
    assert_int_equal(chosen, ICL_MI_MESNER_SHALIZI);
    discard(&p);
    draw_dense(5, 1, MANY, 1);
    for (size_t i = 0; i < MANY; i++)
        value[0][i] = rint(40 * value[0][i]); /* more than 63 values */
    draw_normal(9, 7, MANY, value[2]);
    prepare_values(&p, 3, MANY);
    const struct icl_column_group fine = {p.pointer, 1}, others = {p.pointer + 1, 2};
    assert_int_equal(icl_mi_groups_choose(&fine, &others, scratch(), &chosen, NULL), ICL_OK);
    assert_int_equal(chosen, ICL_MI_MESNER_SHALIZI);
    assert_int_equal(icl_mi_groups_choose(&others, &fine, scratch(), &chosen, NULL), ICL_OK);
    assert_int_equal(chosen, ICL_MI_MESNER_SHALIZI);
    discard(&p);
}

static void rare_patterns_are_noted(void **state)
{
    (void)state;
    struct prepared p;
    draw_dense(8, 4, FEW, 0.5);
    prepare_values(&p, 8, FEW);
    assert_int_equal(groups_result(&p, 4, ICL_MI_DECOMPOSITION, 5).notes, ICL_MI_NOTE_TERM_SKIPPED);
    discard(&p);
    draw_dense(8, 2, FEW, 1);
    prepare_values(&p, 4, FEW);
    assert_int_equal(groups_result(&p, 2, ICL_MI_DECOMPOSITION, 5).notes, 0);
    discard(&p);
}

static void odd_columns(void **state)
{
    (void)state;
    struct prepared p;
    draw(70, 4, FEW, 0);
    for (size_t i = 0; i < FEW; i++)
        value[3][i] = 2.5;
    prepare_values(&p, 4, FEW);
    for (enum icl_mi_estimator e = ICL_MI_AUTO; e <= ICL_MI_MESNER_SHALIZI; e++) {
        const struct icl_mi_options options = {.estimator = e};
        const struct icl_column *const constants[] = {p.pointer[3], p.pointer[3]};
        const struct icl_column_group x = {p.pointer, 2}, with = {p.pointer + 2, 2}, without = {p.pointer + 2, 1},
                                      none = {constants, 2};
        struct icl_mi_result a, b;
        assert_int_equal(icl_mi_groups(&x, &with, &options, scratch(), &a, NULL), ICL_OK);
        assert_int_equal(icl_mi_groups(&x, &without, &options, scratch(), &b, NULL), ICL_OK);
        same_result(&a, &b);
        assert_int_equal(icl_mi_groups(&none, &x, &options, scratch(), &a, NULL), ICL_OK);
        assert_near(a.mi, 0, 0);
        assert_int_equal(a.notes, ICL_MI_NOTE_CONSTANT);
        assert_true(a.estimator != ICL_MI_AUTO);
    }
    discard(&p);
    /* atoms on either side, for estimators of densities */
    for (size_t atoms = 0; atoms < 5; atoms++) {
        draw(72, 4, FEW, 0);
        for (size_t i = 0; i < FEW && atoms < 4; i++)
            value[atoms][i] = (double)(i % 2);
        prepare_values(&p, 4, FEW);
        for (enum icl_mi_estimator e = ICL_MI_KSG1; e <= ICL_MI_MESNER_SHALIZI; e++)
            assert_int_equal(groups_result(&p, 2, e, 0).notes,
                             atoms < 4 && e != ICL_MI_MESNER_SHALIZI ? ICL_MI_NOTE_ATOMS : 0);
        discard(&p);
    }
    draw(73, 4, FEW, 0);
    value[1][17] = NAN;
    prepare_values(&p, 4, FEW);
    const struct icl_mi_result result = groups_result(&p, 2, ICL_MI_AUTO, 0);
    assert_true(isnan(result.mi));
    assert_int_equal(result.notes, ICL_MI_NOTE_NONFINITE);
    assert_int_equal(result.estimator, ICL_MI_DECOMPOSITION);
    discard(&p);
}

static void bad_calls_are_refused(void **state)
{
    (void)state;
    struct prepared p;
    draw(71, 4, 40, 0);
    prepare_values(&p, 3, 40);
    p.column[3] = column_of(value[3], 30);
    p.pointer[3] = &p.column[3];
    p.count = 4;
    const struct icl_column_group x = {p.pointer, 2}, y = {p.pointer + 2, 1}, unequal = {p.pointer + 2, 2},
                                  none = {p.pointer, 0};
    struct icl_mi_result result;
    struct icl_error err = {0};
    struct icl_mi_options options = {.estimator = ICL_MI_KSG1};
    assert_int_equal(icl_mi_groups(&x, &none, &options, scratch(), &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "no columns"));
    assert_int_equal(icl_mi_groups(&x, &unequal, &options, scratch(), &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "40 and 30 rows"));
    options.k = 40;
    assert_int_equal(icl_mi_groups(&x, &y, &options, scratch(), &result, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "40 rows are too few for k = 40"));
    static const enum icl_mi_estimator without[] = {ICL_MI_PLUGIN, ICL_MI_GAUSSIAN, ICL_MI_LNC};
    for (size_t e = 0; e < COUNT_OF(without); e++) {
        options = (struct icl_mi_options){.estimator = without[e]};
        assert_false(icl_mi_takes_groups(without[e]));
        assert_int_equal(icl_mi_groups(&x, &y, &options, scratch(), &result, &err), ICL_ERR_USAGE);
        assert_non_null(strstr(err.message, icl_mi_names[without[e]]));
    }
    options.estimator = ICL_MI_COUNT;
    assert_int_equal(icl_mi_groups(&x, &y, &options, scratch(), &result, &err), ICL_ERR_USAGE);
    discard(&p);
}

/* ---- error bars and tests ------------------------------------------------------------------------------------- */

static void error_bars_and_tests(void **state)
{
    (void)state;
    struct prepared p;
    const struct icl_stream stream = {3, ICL_PURPOSE_SUBSAMPLE, 0, 0};
    const struct icl_mi_options options = {.estimator = ICL_MI_MESNER_SHALIZI, .k = 3};
    draw(81, 4, FEW, 0.3);
    draw_normal(82, 3, FEW, value[3]); /* independent of all */
    draw_normal(82, 2, FEW, value[2]);
    prepare_values(&p, 4, FEW);
    const struct icl_column_group one = {p.pointer, 1}, other = {p.pointer + 1, 1}, both = {p.pointer, 2},
                                  apart = {p.pointer + 2, 2};
    double q, pair_q;
    const struct icl_sampling sampling = {stream, 1}, blocks = {stream, 5};
    const struct icl_sampling *const samplings[] = {&sampling, &blocks};
    struct icl_interval found, pair;
    for (int b = 0; b < 2; b++) {
        assert_int_equal(icl_mi_groups_interval(&one, &other, &options, samplings[b], scratch(), &found, NULL), ICL_OK);
        assert_int_equal(icl_mi_interval(p.pointer[0], p.pointer[1], &options, samplings[b], scratch(), &pair, NULL),
                         ICL_OK);
        assert_near(found.estimate, pair.estimate, 0);
        assert_near(found.se, pair.se, 0);
        assert_near(found.lo, pair.lo, 0);
        assert_near(found.hi, pair.hi, 0);
    }
    const struct icl_permutation_plan plan = {.permutations = 19};
    assert_int_equal(icl_mi_groups_permutation_test(&one, &other, &options, 0.01, &plan, &stream, scratch(), &q, NULL),
                     ICL_OK);
    assert_int_equal(
        icl_mi_permutation_test(p.pointer[0], p.pointer[1], &options, 0.01, &plan, &stream, scratch(), &pair_q, NULL),
        ICL_OK);
    assert_near(q, pair_q, 0);
    /* dependent groups: the least p; independent ones: not; the rows of a group stay together */
    const struct icl_column_group first = {p.pointer, 1}, rest = {p.pointer + 1, 3};
    struct icl_mi_result result;
    assert_int_equal(icl_mi_groups(&first, &rest, &options, scratch(), &result, NULL), ICL_OK);
    assert_int_equal(
        icl_mi_groups_permutation_test(&first, &rest, &options, result.mi, &plan, &stream, scratch(), &q, NULL),
        ICL_OK);
    assert_near(q, 0.05, 1e-15);
    assert_int_equal(icl_mi_groups(&both, &apart, &options, scratch(), &result, NULL), ICL_OK);
    assert_int_equal(
        icl_mi_groups_permutation_test(&both, &apart, &options, result.mi, &plan, &stream, scratch(), &q, NULL),
        ICL_OK);
    assert_true(q > 0.1);
    /* a second column a side: the error of subsamples, as a pair of such columns has it, of about that size */
    assert_int_equal(icl_mi_groups_interval(&both, &apart, &options, &sampling, scratch(), &found, NULL), ICL_OK);
    assert_near(found.estimate, result.mi, 0);
    /* one column against three is no pair */
    assert_int_equal(icl_mi_groups(&first, &rest, &options, scratch(), &result, NULL), ICL_OK);
    struct icl_interval wide;
    assert_int_equal(icl_mi_groups_interval(&first, &rest, &options, &sampling, scratch(), &wide, NULL), ICL_OK);
    assert_near(wide.estimate, result.mi, 0);
    /* a column twice is a column, in every part as well */
    const struct icl_column *const left[] = {p.pointer[0], p.pointer[0]}, *const right[] = {p.pointer[1], p.pointer[1]};
    const struct icl_column_group left_twice = {left, 2}, right_twice = {right, 2};
    double pair_se;
    assert_int_equal(icl_mi_groups_interval(&left_twice, &right_twice, &options, &sampling, scratch(), &wide, NULL),
                     ICL_OK);
    assert_int_equal(icl_mi_standard_error(p.pointer[0], p.pointer[1], &options, &stream, scratch(), &pair_se, NULL),
                     ICL_OK);
    assert_near(wide.se, pair_se, 1e-12);
    assert_true(found.se > 0.005 && found.se < 0.1);
    assert_near(found.hi - found.estimate, gsl_cdf_tdist_Pinv(.975, ICL_SUBSAMPLING_DF) * found.se, 1e-12);
    assert_near(found.estimate - found.lo, gsl_cdf_tdist_Pinv(.975, ICL_SUBSAMPLING_DF) * found.se, 1e-12);
    assert_int_equal(icl_mi_groups_permutation_test(&both, &apart, &options, NAN, &plan, &stream, scratch(), &q, NULL),
                     ICL_OK);
    assert_true(isnan(q));
    discard(&p);
    for (size_t c = 0; c < 2; c++) /* constants: every permuted value ties with the observed 0 */
        for (size_t i = 0; i < FEW; i++)
            value[c][i] = 3;
    prepare_values(&p, 4, FEW);
    assert_int_equal(icl_mi_groups_permutation_test(&both, &apart, &options, 0, &plan, &stream, scratch(), &q, NULL),
                     ICL_OK);
    assert_near(q, 1, 0);
    discard(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_with_stored_answers),
        cmocka_unit_test(agree_with_the_plain_way),
        cmocka_unit_test(ross_by_its_formula),
        cmocka_unit_test(the_decomposition_by_its_formula),
        cmocka_unit_test(distances_that_tie),
        cmocka_unit_test(one_column_a_side_is_the_pair),
        cmocka_unit_test(a_column_twice_is_a_column),
        cmocka_unit_test(order_side_and_scale_do_not_matter),
        cmocka_unit_test(dense_multinormal),
        cmocka_unit_test(behind_gates),
        cmocka_unit_test(student),
        cmocka_unit_test(auto_chooses),
        cmocka_unit_test(rare_patterns_are_noted),
        cmocka_unit_test(odd_columns),
        cmocka_unit_test(bad_calls_are_refused),
        cmocka_unit_test(error_bars_and_tests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
