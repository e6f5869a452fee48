/* The kinds of evidence a row of the registry has: a machine-checked theorem, a rigorous enclosure, samples of laws
 * with known answers, neurons of networks. Internal. */
#ifndef ICLAB_EXPERIMENTS_EVIDENCE_KINDS_INTERNAL_H
#define ICLAB_EXPERIMENTS_EVIDENCE_KINDS_INTERNAL_H

#include "experiments/run_internal.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum evidence_kind { EVIDENCE_PROOF, EVIDENCE_ENCLOSURE, EVIDENCE_SYNTHETIC, EVIDENCE_NETWORK, EVIDENCE_KINDS };
enum { EVIDENCE_WORDS_SIZE = 64 };

extern const char *const evidence_kind_names[EVIDENCE_KINDS];
extern const char evidence_kind_letters[EVIDENCE_KINDS + 1]; /* one a kind, for tables on a terminal */

/* Whether a row stands on this kind. Proofs and enclosures are those that the registry names; samples and networks
 * count where this run measured them. */
bool has_evidence(const struct icl_claim *claim, const struct finding *finding, enum evidence_kind kind);

/* The kinds of a row, as "proof,synthetic" ("-": none), and as four letters, '-' for a kind it has not: "P-S-". */
void evidence_words(const struct icl_claim *claim, const struct finding *finding, char words[EVIDENCE_WORDS_SIZE]);
void evidence_letters(const struct icl_claim *claim, const struct finding *finding, char letters[EVIDENCE_KINDS + 1]);

#pragma GCC visibility pop

#endif
