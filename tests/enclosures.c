#include "tests/enclosures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/near.h"

enum { MOST_ROWS = 2000, LINE_SIZE = 512 };

static struct enclosure rows[MOST_ROWS];
static unsigned count;

static void read_row(char *line)
{
    struct enclosure *row = &rows[count];
    char gate[16], value[64], check[48], rest;
    assert_in_range(count, 0, MOST_ROWS - 1);
    if (sscanf(line, "%15[^\t]\t%23[^\t]\t%15[^\t]\t%lf\t%23[^\t]\t%63[^\t]\t%d\t%47[^\t\n]\n%c", row->law,
               row->parameter, gate, &row->keep, row->quantity, value, &row->digits, check, &rest) != 8)
        fail_msg("enclosures.tsv: not a row: %s", line);
    if (strcmp(gate, "shared") != 0 && strcmp(gate, "independent") != 0) fail_msg("enclosures.tsv: gate %s", gate);
    row->gate = strcmp(gate, "shared") == 0 ? ICL_GATE_SHARED : ICL_GATE_INDEPENDENT;
    char *end;
    row->value = strtod(value, &end);
    if (*end != '\0' || row->digits < 20) fail_msg("enclosures.tsv: %s with %d digits", value, row->digits);
    count++;
}

static void read_rows(void)
{
    static const char path[] = "tests/vectors/enclosures.tsv";
    FILE *file = fopen(path, "r");
    if (file == NULL) fail_msg("%s: not there (tests run from the top of the tree)", path);
    char line[LINE_SIZE];
    bool names = true;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#') continue;
        if (names)
            assert_string_equal(line, "law\tparameter\tgate\tkeep\tquantity\tvalue\tdigits\tcheck\n");
        else
            read_row(line);
        names = false;
    }
    fclose(file);
    assert_true(count > 0);
}

unsigned for_each_enclosure(void (*check)(const struct enclosure *row))
{
    if (count == 0) read_rows();
    for (unsigned i = 0; i < count; i++)
        check(&rows[i]);
    return count;
}

double find_enclosure(const char *law, const char *parameter, enum icl_gate gate, double keep, const char *quantity)
{
    if (count == 0) read_rows();
    for (unsigned i = 0; i < count; i++) {
        const struct enclosure *row = &rows[i];
        if (strcmp(row->law, law) == 0 && strcmp(row->parameter, parameter) == 0 && row->gate == gate &&
            row->keep == keep && strcmp(row->quantity, quantity) == 0)
            return row->value;
    }
    return NAN;
}

double enclosed(const char *law, double rho, enum icl_gate gate, double keep, const char *quantity)
{
    char parameter[32];
    snprintf(parameter, sizeof parameter, "rho=%g", rho);
    const double value = find_enclosure(law, parameter, gate, keep, quantity);
    if (isnan(value)) fail_msg("enclosures.tsv has no %s of %s, %s, keep %g", quantity, law, parameter, keep);
    return value;
}
