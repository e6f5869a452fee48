/* The words of the report: what each claim says, why it should be so, what the outcome means. HTML. */
#ifndef ICLAB_EXPERIMENTS_REPORT_INTERNAL_H
#define ICLAB_EXPERIMENTS_REPORT_INTERNAL_H

#include <stddef.h>

#pragma GCC visibility push(hidden) /* internal: not part of the library */

struct claim_text {
    const char *id, *name, *statement, *why, *meaning;
};
extern const struct claim_text claim_texts[];
extern const size_t claim_text_count;

extern const char report_question[]; /* the opening paragraph */
extern const char report_method[];   /* how the numbers were made, at the end */

#pragma GCC visibility pop

#endif
