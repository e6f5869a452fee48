/* The table of enclosed values that tests and figures compare with. */
#ifndef ICLAB_PROOFS_INTERVAL_TABLE_H
#define ICLAB_PROOFS_INTERVAL_TABLE_H

#include <stdio.h>

/* Writes the table of enclosures, TSV with a line of column names below `#` lines. */
void enclosures_write(FILE *stream);

#endif
