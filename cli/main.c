/* iclab: finds the sub-command and turns its status into an exit code and one line on standard error. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "config.h"

static const struct subcommand {
    const char *name;
    const char *summary;
    cli_run *run;
} subcommands[] = {
    {"verify", "check the claims: tables, figures, report.html", cli_verify},
    {"claims", "the registry of claims", cli_claims},
    {"train", "train a network: curves, statistics of its layers, checkpoints", cli_train},
    {"compare", "set runs of training side by side", cli_compare},
    {"mi", "mutual information of pairs of columns", cli_mi},
    {"tc", "total correlation of sets of columns", cli_tc},
    {"corr", "correlation of pairs of columns, and other coefficients of dependence", cli_corr},
    {"entropy", "entropy of every column", cli_entropy},
    {"measure", "pairs before and after a dropout, against the law", cli_measure},
    {"drop", "apply a dropout to an array", cli_drop},
    {"data", "data sets: list, check, fetch", cli_data},
    {"reproduce", "a figure of the paper or the thread, from training runs to pictures", cli_reproduce},
    {"bench", "time the kernels, the estimators and the main job", cli_bench},
};
enum { SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

static void print_help(void)
{
    printf("Usage: iclab COMMAND [OPTION...]\n\n"
           "Finds out which claims about independent-component layers hold: mutual information,\n"
           "correlation and conditioning of neurons before and after a dropout.\n\n");
    for (int k = 0; k < SUBCOMMANDS; k++)
        printf("  %-11s%s\n", subcommands[k].name, subcommands[k].summary);
    printf("\n  iclab COMMAND --help    the options of a command, with their defaults\n"
           "  iclab --version         the version\n"
           "  man iclab               the manual\n\n"
           "Exit status: 0 as expected, 1 a claim surprised, 2 bad usage or bad input, 3 failure at run time.\n");
}

/* The command line as a shell would read it; control characters, which a header line cannot hold, become '?'. */
static char *join_words(int argc, char **argv)
{
    char *line = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&line, &size);
    if (stream == NULL) return NULL;
    fputs("iclab", stream);
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        const bool plain = *word != '\0' && word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                                              "0123456789-_./:,=+%@")] == '\0';
        fputs(plain ? " " : " '", stream);
        for (; *word != '\0'; word++) {
            if (*word == '\'')
                fputs("'\\''", stream);
            else
                putc((unsigned char)*word < 0x20 || *word == 0x7f ? '?' : *word, stream);
        }
        if (!plain) putc('\'', stream);
    }
    if (fclose(stream) == 0) return line;
    free(line);
    return NULL;
}

static icl_status run_subcommand(const char *name, struct cli_call *call, struct icl_error *err)
{
    for (int k = 0; k < SUBCOMMANDS; k++)
        if (strcmp(subcommands[k].name, name) == 0) return subcommands[k].run(call, err);
    return icl_fail(err, ICL_ERR_USAGE, "unknown command '%.60s' (see iclab --help)", name);
}

static icl_status run(int argc, char **argv, struct cli_call *call, struct icl_error *err)
{
    if (argc < 2) return icl_fail(err, ICL_ERR_USAGE, "which command? (see iclab --help)");
    const char *word = argv[1];
    const bool version = strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0;
    const bool help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
    if (version) puts("iclab " ICL_VERSION);
    if (help) print_help();
    if (version || help) return ICL_OK;
    if (word[0] == '-') return icl_fail(err, ICL_ERR_USAGE, "unknown option '%.60s' (see iclab --help)", word);
    return run_subcommand(word, call, err);
}

/* A standard stream that is closed: its number would go to the next file that is opened, a table perhaps, and messages
 * into it. The other direction, so that using it still fails. */
static bool keep_streams(void)
{
    static const int modes[] = {[STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_RDONLY};
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd) return false;
    return true;
}

int main(int argc, char **argv)
{
    if (!keep_streams()) return icl_status_exit_code(ICL_ERR_IO);
    /* A closed pipe or a limit on the size of files is a failed write like any other: one line and exit status 3. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    struct icl_error err = {0};
    char *line = join_words(argc, argv);
    struct cli_call call = {argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : argc), line, 0};
    icl_status status = line == NULL ? icl_fail_memory(&err, "the command line") : run(argc, argv, &call, &err);
    if (status == ICL_OK && fflush(stdout) != 0) status = icl_fail(&err, ICL_ERR_IO, "standard output: %m");
    free(line);
    if (status == ICL_OK) return call.exit_code;
    fprintf(stderr, "iclab: %s\n", err.message);
    return icl_status_exit_code(status);
}
