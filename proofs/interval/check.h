/* Rigorous checks of the claims: both sides of a statement are enclosed in balls of real numbers, so that a statement
 * is certain, excluded, or not decided at the precision tried; never "within a tolerance of floating point". */
#ifndef ICLAB_PROOFS_INTERVAL_CHECK_H
#define ICLAB_PROOFS_INTERVAL_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "proofs/interval/arb_headers.h"

/* Encloses the two sides of a statement about one case (a law, its gates, ...) with `bits` of working precision. */
typedef void enclose_sides(arb_t left, arb_t right, const void *a_case, slong bits);

/* Prints the case, exactly (rationals as such), for a reader who wants to see why a statement fails. */
typedef void print_case(FILE *stream, const void *a_case);

/* How one check went. `log` gets the cases that are excluded or not decided, with both enclosures. */
struct check_run {
    FILE *log;
    uint64_t seed;    /* of the random laws */
    long laws;        /* how many random laws a check should try */
    slong bits;       /* precision of the first try; doubled until decided, or until */
    slong most_bits;  /* this */
    const char *name; /* of the check that runs */
    /* what came out */
    long cases;     /* statements tried */
    long certain;   /* enclosures that bear the statement out */
    long excluded;  /* enclosures that exclude it: a failure */
    long undecided; /* too wide at most_bits: reported, never passed */
    long retried;   /* needed more than the first precision */
    double widest;  /* the largest relative width of an accepted equality */
};

/* left = right: certain if the enclosure of left - right contains 0 and its radius is at most 1e-30 max(|left|,
 * |right|, 1e-10); excluded if it does not contain 0; otherwise retried. */
void check_equal(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case);

/* left < right: certain if every value of the enclosures bears it out, excluded if none does. */
void check_less(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case);

/* left <= right. Cases of equality have to be checked by check_equal: here they can only stay undecided. */
void check_at_most(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case);

/* One statement, checked on many cases. Names begin with the claim id: c01_mi_quadratic. */
struct check {
    const char *name;
    const char *statement; /* a line of plain text */
    void (*run)(struct check_run *run);
};

/* The tables of checks, one a file, each ended by a row of NULLs; main.c walks them all. */
extern const struct check checks_c01[], checks_c02[], checks_c03[], checks_c04[], checks_c05[], checks_c06[],
    checks_c07[], checks_c08[], checks_c09[], checks_mixed_information[];
extern const struct check checks_continuous[], checks_relu[], checks_noise[], checks_many[];

#endif
