/* The words of the report: what each claim says, why it should be so, what the outcome means. HTML. */
#ifndef ICLAB_EXPERIMENTS_REPORT_INTERNAL_H
#define ICLAB_EXPERIMENTS_REPORT_INTERNAL_H

#include <stddef.h>
#include <stdio.h>

#include "experiments/run_internal.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

struct claim_text {
    const char *id, *name, *statement, *why, *meaning;
};
extern const struct claim_text claim_texts[];
extern const size_t claim_text_count;
/* Those of the trained networks. */
extern const struct claim_text training_texts[];
extern const size_t training_text_count;
/* Text with the characters escaped that mean something in HTML. */
void html_text(FILE *f, const char *text);
/* The section on the kinds of evidence of each claim. */
void report_evidence(FILE *f, const struct run *run);
/* The section on what was trained; nothing where nothing was. */
void report_trained(FILE *f, const struct run *run);

extern const char report_question[]; /* the opening paragraph */
extern const char report_method[];   /* how the numbers were made, at the end */

#pragma GCC visibility pop

#endif
