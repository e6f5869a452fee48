/* enclose: rigorous checks of the claims, and the table of enclosed values. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proofs/interval/checks.h"
#include "proofs/interval/table.h"

enum status { AS_STATED, NOT_AS_STATED, BAD_USAGE, FAILED };

/* A part of FLINT from 3 on. */
#if __FLINT_RELEASE >= 30000
#define ARB_VERSION_TEXT FLINT_VERSION
#else
#define ARB_VERSION_TEXT arb_version
#endif

/* Retries go up to this multiple of the first precision. */
enum { FEWEST_BITS = 32, MOST_FIRST_BITS = 4096, MOST_FACTOR = 32 };

static const char usage[] =
    "usage: enclose list | enclose check [--laws N] [--seed S] [--bits B] [NAME...] | enclose table\n";

/* What `enclose check` is told. A name selects the check of that name, or the checks of a claim: c01. */
struct request {
    struct check_run start;
    char **names;
    int names_count;
};

static int complain(const char *what, const char *which)
{
    fprintf(stderr, "enclose: %s: %s\n", which, what);
    return BAD_USAGE;
}

static bool is_selected(const char *name, const char *wanted)
{
    const size_t length = strlen(wanted);
    return strncmp(name, wanted, length) == 0 && (name[length] == '\0' || name[length] == '_');
}

static bool is_requested(const struct request *request, const char *name)
{
    for (int i = 0; i < request->names_count; i++)
        if (is_selected(name, request->names[i])) return true;
    return request->names_count == 0;
}

static bool is_known(const char *wanted)
{
    for (const struct check *const *table = check_tables; *table != NULL; table++)
        for (const struct check *check = *table; check->name != NULL; check++)
            if (is_selected(check->name, wanted)) return true;
    return false;
}

/* A whole number from least to most. */
static bool read_number(const char *text, uint64_t least, uint64_t most, uint64_t *number)
{
    char *end;
    if (text == NULL || text[0] < '0' || text[0] > '9') return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *number >= least && *number <= most;
}

static int read_request(struct request *request, char **words)
{
    struct check_run *start = &request->start;
    for (; *words != NULL && strncmp(*words, "--", 2) == 0; words += 2) {
        uint64_t number;
        if (strcmp(*words, "--laws") == 0) {
            if (!read_number(words[1], 1, 1000000, &number))
                return complain("wants a number from 1 to 1000000", *words);
            start->laws = (long)number;
        } else if (strcmp(*words, "--seed") == 0) {
            if (!read_number(words[1], 0, UINT64_MAX, &start->seed))
                return complain("wants a number from 0 to 18446744073709551615", *words);
        } else if (strcmp(*words, "--bits") == 0) {
            if (!read_number(words[1], FEWEST_BITS, MOST_FIRST_BITS, &number))
                return complain("wants a number from 32 to 4096", *words);
            start->bits = (slong)number;
        } else {
            return complain("no such option", *words);
        }
    }
    start->most_bits = MOST_FACTOR * start->bits;
    request->names = words;
    for (; *words != NULL; words++) {
        if (!is_known(*words)) return complain("no such check (enclose list)", *words);
        request->names_count++;
    }
    return AS_STATED;
}

/* A check without a case has shown nothing. */
static const char *verdict_of(const struct check_run *run)
{
    return run->excluded > 0 ? "fails" : run->undecided > 0 ? "undecided" : run->cases == 0 ? "empty" : "holds";
}

static bool run_check(const struct check *check, const struct check_run *start)
{
    struct check_run run = *start;
    run.name = check->name;
    check->run(&run);
    const char *verdict = verdict_of(&run);
    printf("%s\t%s\t%ld\t%ld\t%ld\t%ld\t%ld\t%.1e\t%s\n", check->name, check->statement, run.cases, run.certain,
           run.excluded, run.undecided, run.retried, run.widest, verdict);
    fflush(stdout);
    fprintf(stderr, "%s: %s\n", check->name, verdict);
    return run.certain == run.cases && run.cases > 0;
}

static int run_checks(const struct request *request)
{
    int status = AS_STATED;
    printf("# enclose check --laws %ld --seed %llu --bits %ld: retried up to %ld bits; FLINT %s, Arb %s\n",
           request->start.laws, (unsigned long long)request->start.seed, (long)request->start.bits,
           (long)request->start.most_bits, FLINT_VERSION, ARB_VERSION_TEXT);
    printf("name\tstatement\tcases\tcertain\texcluded\tundecided\tretried\twidest\tverdict\n");
    for (const struct check *const *table = check_tables; *table != NULL; table++)
        for (const struct check *check = *table; check->name != NULL; check++)
            if (is_requested(request, check->name) && !run_check(check, &request->start)) status = NOT_AS_STATED;
    return status;
}

static int command_check(char **words)
{
    struct request request = {.start = {.log = stderr, .seed = 1, .laws = 500, .bits = 128}};
    const int status = read_request(&request, words);
    return status == AS_STATED ? run_checks(&request) : status;
}

static int command_list(char **words)
{
    if (*words != NULL) return complain("not wanted", *words);
    for (const struct check *const *table = check_tables; *table != NULL; table++)
        for (const struct check *check = *table; check->name != NULL; check++)
            printf("%s\t%s\n", check->name, check->statement);
    return AS_STATED;
}

static int command_table(char **words)
{
    if (*words != NULL) return complain("not wanted", *words);
    enclosures_write(stdout);
    return AS_STATED;
}

static int command_help(char **words)
{
    if (*words != NULL) return complain("not wanted", *words);
    fputs(usage, stdout);
    return AS_STATED;
}

static const struct {
    const char *name;
    int (*run)(char **words);
} commands[] = {{"list", command_list}, {"check", command_check}, {"table", command_table}, {"--help", command_help}};

int main(int argc, char **argv)
{
    int status = BAD_USAGE;
    size_t c = 0;
    const size_t count = sizeof commands / sizeof commands[0];
    while (argc > 1 && c < count && strcmp(argv[1], commands[c].name) != 0)
        c++;
    if (argc > 1 && c < count)
        status = commands[c].run(argv + 2);
    else
        fputs(usage, stderr);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "enclose: standard output: %s\n", strerror(errno));
        status = FAILED;
    }
    flint_cleanup();
    return status;
}
