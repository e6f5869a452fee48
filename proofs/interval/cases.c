#include "proofs/interval/cases.h"

/* So many draws in vain mean that no such case exists. */
enum { MOST_DRAWS = 1000 };

static void case_init(struct dropout_case *c)
{
    law_init(&c->before, 0);
    law_init(&c->between, 0);
    law_init(&c->factors, 0);
    law_init(&c->behind, 0);
    c->keep = _fmpq_vec_init(MOST_NEURONS);
    for (slong k = 0; k < MOST_NEURONS; k++)
        fmpq_one(c->keep + k);
}

static void case_clear(struct dropout_case *c)
{
    law_clear(&c->before);
    law_clear(&c->between);
    law_clear(&c->factors);
    law_clear(&c->behind);
    _fmpq_vec_clear(c->keep, MOST_NEURONS);
}

static void print_case_of_dropout(FILE *stream, const void *a_case)
{
    const struct dropout_case *c = a_case;
    const struct {
        const char *name;
        const struct law *law;
    } laws[] = {{"law", &c->before}, {"behind the map", &c->between}, {"factors", &c->factors}};
    for (int i = 0; i < 3; i++) {
        if (laws[i].law->count == 0) continue;
        fprintf(stream, "  %s", laws[i].name);
        law_print(stream, laws[i].law);
        fputc('\n', stream);
    }
    fputs("  keep", stream);
    for (slong k = 0; k < c->before.neurons; k++) {
        fputc(' ', stream);
        rational_print(stream, c->keep + k);
    }
}

static bool draw_fitting(struct dropout_case *c, struct random *random, draw_case *draw)
{
    for (int tries = 0; tries < MOST_DRAWS; tries++)
        if (draw(c, random)) return true;
    return false;
}

/* judge for all, or (NULL) as is_strict says. */
static void check_drawn(struct check_run *run, draw_case *draw, judge_case *judge, is_strict_case *is_strict,
                        enclose_sides *sides)
{
    struct random random = random_start(run->seed, run->name);
    for (long i = 0; i < run->laws; i++) {
        struct dropout_case c = {0};
        case_init(&c);
        if (draw_fitting(&c, &random, draw))
            (judge != NULL ? judge : is_strict(&c) ? check_less : check_equal)(run, sides, print_case_of_dropout, &c);
        case_clear(&c);
    }
}

void check_cases(struct check_run *run, draw_case *draw, judge_case *judge, enclose_sides *sides)
{
    check_drawn(run, draw, judge, NULL, sides);
}

void check_cases_decided(struct check_run *run, draw_case *draw, is_strict_case *is_strict, enclose_sides *sides)
{
    check_drawn(run, draw, NULL, is_strict, sides);
}

void draw_keeps(struct dropout_case *c, struct random *random, enum keeps keeps)
{
    const bool inside = keeps == ONE_KEEP_INSIDE || keeps == KEEP_EACH_INSIDE;
    const bool one = keeps == ONE_KEEP || keeps == ONE_KEEP_INSIDE;
    for (slong k = 0; k < c->before.neurons; k++) {
        if (one && k > 0)
            fmpq_set(c->keep + k, c->keep);
        else
            (inside ? random_keep_inside : random_keep)(c->keep + k, random);
    }
}

void put_behind_factors(struct dropout_case *c)
{
    law_behind(&c->behind, c->between.count > 0 ? &c->between : &c->before, &c->factors);
}

void put_independent_gates(struct dropout_case *c)
{
    independent_gates(&c->factors, c->keep, c->before.neurons);
    put_behind_factors(c);
}

void put_shared_gate(struct dropout_case *c)
{
    shared_gate(&c->factors, c->keep, c->before.neurons);
    put_behind_factors(c);
}

void put_random_gates(struct dropout_case *c, struct random *random)
{
    random_gates(&c->factors, random, c->before.neurons);
    put_behind_factors(c);
}

void draw_pair(struct dropout_case *c, struct random *random)
{
    random_law(&c->before, random, 2, 0, PAIR_VALUES);
}

void draw_pair_with_atoms(struct dropout_case *c, struct random *random)
{
    random_law(&c->before, random, 2, (neuron_set)random_between(random, 1, 3), PAIR_VALUES);
}

void draw_any_pair(struct dropout_case *c, struct random *random)
{
    random_law(&c->before, random, 2, (neuron_set)random_between(random, 0, 3), PAIR_VALUES);
}

/* I(f,x'; h,y') - I(x';y') = I(f; h,y' | x') + I(x'; h | y'). */
bool factors_are_hidden(const struct law *before, const struct law *factors, neuron_set a, neuron_set b)
{
    const slong n = before->neurons;
    struct law seen;
    law_init(&seen, 0);
    law_behind_seen(&seen, before, factors);
    const bool hidden =
        !law_independent_given(&seen, a, b | b << n, a << n) || !law_independent_given(&seen, a << n, b, b << n);
    law_clear(&seen);
    return hidden;
}

void information_times_keeps(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct dropout_case *c = a_case;
    enclose_information(left, &c->behind, bits);
    enclose_information_by_entropies(right, &c->before, bits);
    for (slong k = 0; k < 2; k++)
        enclose_scale(right, c->keep + k, bits);
}
