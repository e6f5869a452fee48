/* The registry of claims: experiments/claims.tsv, embedded in the program. */
#ifndef ICLAB_EXPERIMENTS_REGISTRY_H
#define ICLAB_EXPERIMENTS_REGISTRY_H

#include <stdio.h>

#include "experiments/verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One (claim, law, quantity), with the one word expected of it. Text is borrowed from the registry. */
struct icl_claim {
    const char *id;        /* c01.gauss.exponent */
    const char *name;      /* mi-quadratic */
    const char *source;    /* paper | thread | theory | literature */
    const char *statement; /* one sentence */
    const char *law;       /* of laws.h, normal3, normal8, or a reading of the images */
    const char *quantity;  /* what is judged; "ratio@.5" is the ratio at keep .5 */
    enum icl_rule rule;
    double target, tolerance;
    enum icl_verdict expected; /* ICL_MEASURED: nothing is expected; only of a measurement or an order */
    const char *theorem;       /* what proves the expected word: names in proofs/formal, comma-separated, or "-" */
    const char *enclosure;     /* what encloses it: checks of proofs/interval, comma-separated, or "-" */
};

struct icl_registry {
    struct icl_claim *claim;
    size_t count;
    char *text; /* owns the strings */
};

/* Parses a registry text (TSV with `#` lines and a line of names). Duplicate ids, unknown words, missing cells:
 * ICL_ERR_INPUT naming line and column. Owned by the caller: icl_registry_free. */
icl_status icl_registry_parse(const char *text, struct icl_registry *registry, struct icl_error *err);

/* The registry of this program. */
icl_status icl_registry_load(struct icl_registry *registry, struct icl_error *err);
void icl_registry_free(struct icl_registry *registry);

/* Whether `wanted` names the claim: its id, or a leading part of it that ends at a dot (c01, c01.gauss). */
bool icl_claim_matches(const struct icl_claim *claim, const char *wanted);

/* The number behind '@' of a quantity, or nan. */
double icl_quantity_keep(const char *quantity);

/* Prints the registry; format "tsv" or "json". */
icl_status icl_claims_print(FILE *stream, const char *format, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
