/* The optimiser's step against the formulas in double, number by number. */
#include "tests/core_support.h"
#include "tests/near.h"

#include "trainer/optimise_internal.h"

enum { COUNT = 20011, STEPS = 7 }; /* no whole number of chunks */

static void draw(float *x, uint64_t seed)
{
    for (size_t i = 0; i < COUNT; i++)
        x[i] = (float)((double)(random_bits(&seed) >> 11) * 0x1p-52 - 1.1);
}

/* The numbers of the last parameter after some steps, written down plainly. */
struct plain {
    double w, first, second;
};

static void step_plainly(const struct icl_train_spec *s, struct plain *p, double g, double t, double rate,
                         double momentum)
{
    if (s->decay > 0 && s->decoupled) p->w -= rate * s->decay * p->w;
    if (s->decay > 0 && !s->decoupled) g += s->decay * p->w;
    if (s->optimiser == ICL_OPTIMISER_SGD) {
        p->first = momentum * p->first + g;
        p->w -= rate * p->first;
        return;
    }
    p->first = momentum * p->first + (1 - momentum) * g;
    p->second = s->beta2 * p->second + (1 - s->beta2) * g * g;
    const double m = p->first / (1 - pow(momentum, t)), v = p->second / (1 - pow(s->beta2, t));
    p->w -= rate * m / (sqrt(v) + s->epsilon);
}

static void check(const struct icl_train_spec *spec)
{
    struct icl_error err;
    float *w[2], *g = malloc(COUNT * sizeof *g);
    struct plain *p = calloc(COUNT, sizeof *p);
    assert_true(g != NULL && p != NULL);
    for (unsigned k = 0; k < 2; k++) {
        struct icl_team *team;
        struct icl_optimise o;
        w[k] = malloc(COUNT * sizeof(float));
        assert_non_null(w[k]);
        draw(w[k], 3);
        assert_ok(icl_team_create(k + 1, &team, &err));
        assert_ok(icl_optimise_create(&o, spec, icl_kernels(), team, COUNT, &err));
        for (size_t i = 0; i < COUNT; i++)
            p[i] = (struct plain){.w = (double)w[k][i]};
        for (size_t step = 0; step < STEPS; step++) {
            const double rate = .01 * (double)(step + 1);
            const double momentum = spec->momentum == 0 ? 0 : spec->momentum - .01 * (double)step;
            draw(g, 100 + step);
            icl_optimise_step(&o, step, rate, momentum, g, w[k]);
            for (size_t i = 0; i < COUNT; i++)
                step_plainly(spec, &p[i], (double)g[i], (double)step + 1, rate, momentum);
        }
        /* Numbers up to 2 with some roundings to float a step. */
        for (size_t i = 0; i < COUNT; i++)
            assert_near((double)w[k][i], p[i].w, 3e-6);
        icl_optimise_free(&o);
        icl_optimise_free(&o);
        icl_team_free(team);
    }
    assert_memory_equal(w[0], w[1], COUNT * sizeof(float));
    free(w[0]);
    free(w[1]);
    free(g);
    free(p);
}

static void steps(void **state)
{
    (void)state;
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    const struct {
        enum icl_optimiser optimiser;
        double momentum, decay;
        bool decoupled;
    } cases[] = {{ICL_OPTIMISER_SGD, 0, 0, false},   {ICL_OPTIMISER_SGD, 0, .3, false},
                 {ICL_OPTIMISER_SGD, .9, .3, false}, {ICL_OPTIMISER_SGD, .9, .3, true},
                 {ICL_OPTIMISER_ADAM, .9, 0, false}, {ICL_OPTIMISER_ADAM, .9, .3, false},
                 {ICL_OPTIMISER_ADAM, .9, .3, true}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        print_message("case %zu\n", k);
        spec.optimiser = cases[k].optimiser;
        spec.momentum = cases[k].momentum;
        spec.decay = cases[k].decay;
        spec.decoupled = cases[k].decoupled;
        spec.epsilon = 1e-3;
        check(&spec);
    }
}

static void norms(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_train_spec spec;
    float *x = malloc(COUNT * sizeof *x);
    assert_non_null(x);
    icl_train_spec_default(&spec);
    double sum = 0, seen[3];
    draw(x, 8);
    x[COUNT - 1] = 1e30F; /* its square is no float */
    for (size_t i = 0; i < COUNT; i++)
        sum += (double)x[i] * (double)x[i];
    for (unsigned k = 0; k < 3; k++) {
        struct icl_team *team;
        struct icl_optimise o;
        assert_ok(icl_team_create(k + 1, &team, &err));
        assert_ok(icl_optimise_create(&o, &spec, icl_kernels(), team, COUNT, &err));
        assert_null(o.first); /* SGD without momentum keeps nothing */
        assert_null(o.second);
        seen[k] = icl_optimise_norm(&o, x);
        const float last = x[COUNT - 1], middle = x[COUNT / 2];
        x[COUNT - 1] = INFINITY;
        assert_true(isinf(icl_optimise_norm(&o, x)));
        x[COUNT / 2] = NAN;
        assert_true(isnan(icl_optimise_norm(&o, x)));
        x[COUNT - 1] = last;
        x[COUNT / 2] = middle;
        icl_optimise_free(&o);
        icl_team_free(team);
    }
    assert_near(seen[0], sqrt(sum), 1e-12 * sqrt(sum));
    assert_same(seen[1], seen[0]);
    assert_same(seen[2], seen[0]);
    free(x);
}

/* What the statement of memory counts is what is there. */
static void memory(void **state)
{
    (void)state;
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    const size_t plain = icl_optimise_memory(&spec, COUNT);
    spec.momentum = .9;
    assert_int_equal(icl_optimise_memory(&spec, COUNT) - plain, COUNT * sizeof(float));
    spec.optimiser = ICL_OPTIMISER_ADAM;
    assert_int_equal(icl_optimise_memory(&spec, COUNT) - plain, 2 * COUNT * sizeof(float));
    spec.momentum = 0;
    assert_int_equal(icl_optimise_memory(&spec, COUNT) - plain, 2 * COUNT * sizeof(float));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(steps), cmocka_unit_test(norms), cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
