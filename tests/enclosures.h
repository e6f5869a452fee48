/* tests/vectors/enclosures.tsv: values of the laws that `enclose table` encloses, to double precision. */
#ifndef ICLAB_TESTS_ENCLOSURES_H
#define ICLAB_TESTS_ENCLOSURES_H

#include "kernels/kernels.h"

struct enclosure {
    char law[16], parameter[24], quantity[24];
    enum icl_gate gate;
    double keep, value;
    int digits; /* of value in the table, all certain */
};

/* Calls check for each row, in the order of the table; returns how many. A row that is not one fails the test. */
unsigned for_each_enclosure(void (*check)(const struct enclosure *row));

/* The value in the table, nan if it has no such row. */
double find_enclosure(const char *law, const char *parameter, enum icl_gate gate, double keep, const char *quantity);

/* The same, with the parameter rho; a missing row fails the test. */
double enclosed(const char *law, double rho, enum icl_gate gate, double keep, const char *quantity);

#endif
