/* The atom decomposition: stored answers, a plain second way term by term, skipped terms, the choice of k. */
#include "tests/enclosures.h"
#include "tests/estimators_support.h"

enum { MOST = 600, MOST_SAMPLES = 6500 };

/* ---- the plain way -------------------------------------------------------------------------------------------- */

/* 0 for a value that occurs fewer than ICL_ATOM_MIN_COUNT times, else the place of its atom from 1. */
static void plain_identities(const double *x, size_t n, uint32_t *identity, uint32_t *classes)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *atom = take_doubles(n);
    *classes = 1;
    for (size_t i = 0; i < n; i++) {
        size_t times = 0;
        for (size_t j = 0; j < n; j++)
            times += x[j] == x[i];
        identity[i] = 0;
        if (times < ICL_ATOM_MIN_COUNT) continue;
        for (uint32_t a = 1; a < *classes; a++)
            if (atom[a] == x[i]) identity[i] = a;
        if (identity[i] != 0) continue;
        atom[*classes] = x[i];
        identity[i] = (*classes)++;
    }
    icl_workspace_release(scratch(), mark);
}

/* Normal scores of the ranks among the samples with identity 0, the upper half by symmetry. */
static double plain_score(const double *x, const uint32_t *identity, size_t n, size_t i)
{
    double below = 0, equal = 0, m = 0;
    for (size_t j = 0; j < n; j++) {
        if (identity[j] != 0) continue;
        m += 1;
        below += x[j] < x[i];
        equal += x[j] == x[i];
    }
    const double part = below + equal / 2;
    return part > m / 2 ? -icl_normal_quantile((m - part) / m) : icl_normal_quantile(part / m);
}

/* P(A=0) I(x;B | A=0). */
static double plain_amplitude(const double *x, const uint32_t *a, const uint32_t *b, size_t n, unsigned k)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *value = take_doubles(n);
    uint32_t *label = take_words(n);
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (a[i] != 0) continue;
        value[m] = plain_score(x, a, n, i);
        label[m++] = b[i];
    }
    const double term = m > k ? (double)m / (double)n * plain_ross(value, label, m, k) : 0;
    icl_workspace_release(scratch(), mark);
    return term;
}

static struct icl_mi_result plain_decomposition(const double *x, const double *y, size_t n, unsigned k, bool tied)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    struct icl_mi_result r = {0};
    uint32_t *a = take_words(n), *b = take_words(n), rows, cols;
    plain_identities(x, n, a, &rows);
    plain_identities(y, n, b, &cols);
    uint64_t count[64] = {0};
    assert_true(rows * cols <= COUNT_OF(count));
    double *sx = take_doubles(n), *sy = take_doubles(n);
    size_t together = 0;
    for (size_t i = 0; i < n; i++) {
        count[a[i] * cols + b[i]]++;
        if (a[i] != 0 || b[i] != 0) continue;
        sx[together] = plain_score(x, a, n, i);
        sy[together++] = plain_score(y, b, n, i);
    }
    r.atoms = plain_table(count, rows, cols);
    r.x_amplitude = cols > 1 ? plain_amplitude(x, a, b, n, k) : 0;
    r.y_amplitude = rows > 1 ? plain_amplitude(y, b, a, n, k) : 0;
    if (together > k)
        r.amplitudes = (double)together / (double)n *
                       (tied ? plain_total_correlation((const double *const[]){sx, sy}, 2, together, k)
                             : plain_ksg1(sx, sy, together, k));
    r.mi = r.atoms + r.x_amplitude + r.y_amplitude + r.amplitudes;
    icl_workspace_release(scratch(), mark);
    return r;
}

static struct icl_mi_result decomposed(const double *x, const double *y, size_t n, unsigned k)
{
    return result_of(x, y, n, &(struct icl_mi_options){.estimator = ICL_MI_DECOMPOSITION, .k = k});
}

static void check_terms(const struct icl_mi_result *found, const struct icl_mi_result *want)
{
    assert_near(found->atoms, want->atoms, 1e-13);
    assert_near(found->x_amplitude, want->x_amplitude, 1e-12);
    assert_near(found->y_amplitude, want->y_amplitude, 1e-12);
    assert_near(found->amplitudes, want->amplitudes, 1e-12);
    assert_near(found->mi, want->mi, 1e-12);
    assert_near(found->mi, found->atoms + found->x_amplitude + found->y_amplitude + found->amplitudes, 1e-15);
}

/* ---- tests ---------------------------------------------------------------------------------------------------- */

static void check_answer(const struct answer *a)
{
    const struct icl_mi_result found = decomposed(stored_sample(a->x), stored_sample(a->y), SAMPLES, a->k);
    assert_near(found.mi, a->value, 1e-12);
    assert_int_equal(found.estimator, ICL_MI_DECOMPOSITION);
    assert_int_equal(found.notes, 0);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("decomposition", check_answer);
}

static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    double x[MOST], y[MOST];
    static const struct pair_law laws[] = {{0.8, false, ICL_GATE_INDEPENDENT, 1},
                                           {0.8, false, ICL_GATE_INDEPENDENT, 0.6},
                                           {-0.6, false, ICL_GATE_SHARED, 0.4},
                                           {0.75, true, ICL_GATE_INDEPENDENT, 0.8},
                                           {0, true, ICL_GATE_SHARED, 0.9}};
    for (size_t l = 0; l < COUNT_OF(laws); l++)
        for (unsigned k = 1; k <= 13; k += 4)
            for (int caps = 0; caps < 2; caps++) {
                draw_pair(&laws[l], 300 + k, MOST, x, y);
                for (size_t i = 0; i < MOST && caps; i++) { /* a second atom, and none at zero */
                    x[i] = (fmin(x[i], 1) - 0.4) / 0.6;
                    y[i] = (fmin(y[i], 0.7) - 0.4) / 0.6;
                }
                const struct icl_mi_result found = decomposed(x, y, MOST, k);
                const struct icl_mi_result want = plain_decomposition(x, y, MOST, k, false);
                check_terms(&found, &want);
            }
}

/* Many repeats in the densities: the last term is Mesner and Shalizi's; few leave it KSG1. */
static void ties_turn_to_mesner_shalizi(void **state)
{
    (void)state;
    double x[MOST], y[MOST];
    draw_pair(&(struct pair_law){0.7, false, ICL_GATE_INDEPENDENT, 0.8}, 17, MOST, x, y);
    struct icl_column c;
    for (size_t coarse = 30; coarse <= 300; coarse += 270) {
        for (size_t i = 0; i < coarse; i++)
            if (y[i] != 0) y[i] = rint(y[i] * 80) / 80;
        c = column_of(y, MOST);
        assert_int_equal(c.tied, coarse == 300);
        assert_int_equal(c.atom_count, 1);
        icl_column_free(&c);
    }
    const struct icl_mi_result found = decomposed(x, y, MOST, 4), want = plain_decomposition(x, y, MOST, 4, true);
    assert_near(found.amplitudes, want.amplitudes, 1e-12);
    assert_near(found.atoms, want.atoms, 1e-13);
    assert_true(fabs(found.amplitudes - plain_decomposition(x, y, MOST, 4, false).amplitudes) > 1e-6);
}

/* On normal scores: any rising map gives the same bits, the atom's image included; a size that no bins divide. */
static void rising_maps_change_nothing(void **state)
{
    (void)state;
    enum { ODD = 595 };
    static const struct pair_law laws[] = {{0.7, false, ICL_GATE_INDEPENDENT, 1},
                                           {0.8, false, ICL_GATE_INDEPENDENT, 0.6},
                                           {0.75, true, ICL_GATE_INDEPENDENT, 0.8}};
    double x[ODD], y[ODD], u[ODD], v[ODD];
    for (size_t l = 0; l < COUNT_OF(laws); l++)
        for (uint64_t seed = 18; seed < 38; seed++) {
            draw_pair(&laws[l], seed, ODD, x, y);
            for (size_t i = 0; i < ODD; i++) {
                u[i] = exp(3 * x[i]);
                v[i] = y[i] - exp(-y[i]);
            }
            for (unsigned k = 0; k <= 4; k += 4) {
                const struct icl_mi_result found = decomposed(u, v, ODD, k), want = decomposed(x, y, ODD, k);
                assert_near(found.x_amplitude, want.x_amplitude, 0);
                assert_near(found.y_amplitude, want.y_amplitude, 0);
                assert_near(found.mi, want.mi, 0);
            }
        }
}

/* Gates that are hardly ever open together: a term with at most k samples counts as 0, and the result says so. */
static void a_term_without_samples_is_skipped(void **state)
{
    (void)state;
    double x[MOST], y[MOST];
    draw_normal(19, 0, MOST, x);
    draw_normal(19, 1, MOST, y);
    for (size_t i = 0; i < MOST; i++) {
        if (i % 2 == 0 && i > 8) x[i] = 0; /* 5 samples of x and y together: 0, 2, .. 8 */
        if (i % 2 == 1) y[i] = 0;
    }
    struct icl_mi_result found = decomposed(x, y, MOST, 5), want = plain_decomposition(x, y, MOST, 5, false);
    assert_int_equal(found.notes, ICL_MI_NOTE_TERM_SKIPPED);
    assert_near(found.amplitudes, 0, 0);
    check_terms(&found, &want);
    found = decomposed(x, y, MOST, 4);
    want = plain_decomposition(x, y, MOST, 4, false);
    assert_int_equal(found.notes, 0);
    check_terms(&found, &want);
    /* never open together: nothing to skip */
    for (size_t i = 0; i <= 8; i += 2)
        x[i] = 0;
    found = decomposed(x, y, MOST, 5);
    assert_int_equal(found.notes, 0);
    assert_near(found.amplitudes, 0, 0);
    /* at most k samples of a density about the other's identity: its term is skipped */
    draw_normal(20, 0, MOST, x);
    draw_normal(20, 1, MOST, y);
    for (size_t i = 0; i < MOST; i++) {
        if (i >= 4) x[i] = 0;
        if (i % 2 == 1) y[i] = 0;
    }
    found = decomposed(x, y, MOST, 4);
    assert_int_equal(found.notes, ICL_MI_NOTE_TERM_SKIPPED);
    assert_near(found.x_amplitude, 0, 0);
}

/* ---- k = 0 ---------------------------------------------------------------------------------------------------- */

/* k of a term: 2 / pilot, within 3 .. 20 and at most sqrt(m)/4; the pilot is a table of nine equal-count bins. */
static unsigned plain_k(const uint64_t *count, size_t rows, size_t cols, size_t m)
{
    const double pilot = plain_table(count, rows, cols);
    double k = pilot > 0 ? 2 / pilot : 20;
    k = fmin(k, sqrt((double)m) / 4);
    return (unsigned)rint(fmin(20, fmax(3, k)));
}

/* The bin of the middle rank among the samples with identity 0 (of both columns, where `other` is given). */
static size_t ninth(const double *x, const uint32_t *own, const uint32_t *other, size_t n, size_t i)
{
    double below = 0, equal = 0, m = 0;
    for (size_t j = 0; j < n; j++) {
        if (own[j] != 0 || (other != NULL && other[j] != 0)) continue;
        m += 1;
        below += x[j] < x[i];
        equal += x[j] == x[i];
    }
    const double place = 9 * (below + equal / 2) / m; /* a whole number above the middle is the edge of the bin below */
    return (size_t)(place > 4.5 ? ceil(place) - 1 : floor(place));
}

static void check_choice(const struct pair_law *law, uint64_t seed, size_t n, bool tied, unsigned *seen)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *x = take_doubles(n), *y = take_doubles(n);
    uint32_t *a = take_words(n), *b = take_words(n), rows, cols;
    draw_pair(law, seed, n, x, y);
    for (size_t i = 0; i + 6 < n && tied; i += 7) /* five equal values, no atom yet, and two others */
        for (size_t j = 1; j < 5; j++)
            if (y[i + j] != 0) y[i + j] = y[i];
    plain_identities(x, n, a, &rows);
    plain_identities(y, n, b, &cols);
    uint64_t about_y[18] = {0}, about_x[18] = {0}, both[81] = {0};
    size_t mx = 0, my = 0, m = 0;
    for (size_t i = 0; i < n; i++) {
        if (a[i] == 0 && cols > 1) about_y[2 * ninth(x, a, NULL, n, i) + b[i]]++;
        if (b[i] == 0 && rows > 1) about_x[2 * ninth(y, b, NULL, n, i) + a[i]]++;
        mx += a[i] == 0;
        my += b[i] == 0;
        if (a[i] != 0 || b[i] != 0) continue;
        both[9 * ninth(x, a, b, n, i) + ninth(y, b, a, n, i)]++;
        m++;
    }
    const struct icl_mi_result found = decomposed(x, y, n, 0);
    const unsigned k = plain_k(both, 9, 9, m);
    *seen |= 1U << k;
    if ((found.notes & ICL_MI_NOTE_EDGES) == 0) assert_near(found.amplitudes, decomposed(x, y, n, k).amplitudes, 0);
    if (cols > 1) assert_near(found.x_amplitude, decomposed(x, y, n, plain_k(about_y, 9, 2, mx)).x_amplitude, 0);
    if (rows > 1) assert_near(found.y_amplitude, decomposed(x, y, n, plain_k(about_x, 9, 2, my)).y_amplitude, 0);
    icl_workspace_release(scratch(), mark);
}

static void the_choice_of_k(void **state)
{
    (void)state;
    static const double rhos[] = {0, 0.3, 0.5, 0.55, 0.6, 0.7, 0.9, 0.99};
    static const size_t sizes[] = {60, 203, MOST, 1601};
    unsigned seen = 0;
    for (size_t r = 0; r < COUNT_OF(rhos); r++)
        for (size_t s = 0; s < COUNT_OF(sizes); s++) {
            check_choice(&(struct pair_law){rhos[r], true, ICL_GATE_INDEPENDENT, 0.9}, 90 + r, sizes[s], false, &seen);
            check_choice(&(struct pair_law){rhos[r], false, ICL_GATE_INDEPENDENT, 1}, 90 + r, sizes[s], r % 2 == 0,
                         &seen);
        }
    for (uint64_t seed = 200; seed < 230; seed++) /* where k follows every step of the pilot */
        check_choice(&(struct pair_law){0.65, false, ICL_GATE_INDEPENDENT, 1}, seed, 1601, seed % 2 == 0, &seen);
    for (uint64_t seed = 300; seed < 420; seed++)
        check_choice(&(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, seed, MOST, true, &seen);
    check_choice(&(struct pair_law){0.05, false, ICL_GATE_INDEPENDENT, 1}, 90, MOST_SAMPLES, false, &seen);
    for (unsigned k = 3; k <= 20; k++) /* both ends and much of what lies between */
        if ((seen & 1U << k) == 0 && (k <= 7 || k == 20)) fail_msg("k = %u was never chosen", k);
}

/* ---- truths --------------------------------------------------------------------------------------------------- */

/* Term by term: the identities are H_b for a shared gate and 0 for independent ones, amplitudes q^2 or q times I. */
static void truths_term_by_term(void **state)
{
    (void)state;
    enum { N = 4000 };
    static double x[N], y[N];
    const unsigned seeds = 10;
    const double inside = enclosed("gauss", 0.75, ICL_GATE_INDEPENDENT, 1, "mi"),
                 entropy = -0.6 * log(0.6) - 0.4 * log(0.4);
    print_message("# seeds 1..%u\n", seeds);
    for (int shared = 0; shared < 2; shared++) {
        const struct pair_law law = {0.75, false, shared ? ICL_GATE_SHARED : ICL_GATE_INDEPENDENT, 0.6};
        struct summary atoms = {0}, amplitude = {0}, amplitudes = {0};
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            draw_pair(&law, seed, N, x, y);
            const struct icl_mi_result found = decomposed(x, y, N, 0);
            summary_add(&atoms, found.atoms);
            summary_add(&amplitude, found.x_amplitude + found.y_amplitude);
            summary_add(&amplitudes, found.amplitudes);
        }
        assert_near(atoms.mean, shared ? entropy : 0, 5e-4 + 4 * summary_error(&atoms));
        assert_near(amplitude.mean, 0, 1e-3 + 4 * summary_error(&amplitude));
        assert_near(amplitudes.mean, (shared ? 0.6 : 0.36) * inside, 4e-3 + 4 * summary_error(&amplitudes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(ties_turn_to_mesner_shalizi),
        cmocka_unit_test(rising_maps_change_nothing),
        cmocka_unit_test(a_term_without_samples_is_skipped),
        cmocka_unit_test(the_choice_of_k),
        cmocka_unit_test(truths_term_by_term),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
