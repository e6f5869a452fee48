/* A peer of `make bench-train-peers` that answers for iclab. Protocol: see train_driver.py. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "kernels/kernels.h"
#include "trainer/bench.h"

enum { LINE = 1024, WORDS = 6, BATCHES = 20, WARM_UP = 3 };

static struct icl_error err;

static void or_die(icl_status status)
{
    if (status == ICL_OK) return;
    fprintf(stderr, "peer_train: %s\n", err.message);
    exit(icl_status_exit_code(status));
}

/* Networks that were made stay: they are asked for in turns. */
struct made {
    char what[LINE];
    struct icl_train_bench *bench;
    struct made *next;
};

static struct icl_train_bench *make(const char *net, const char *order, size_t batch, unsigned threads)
{
    struct icl_train_spec spec;
    struct icl_train_bench *bench;
    icl_train_spec_default(&spec);
    snprintf(spec.net, sizeof spec.net, "%s", net);
    snprintf(spec.data, sizeof spec.data, "planted-%s-10", strcmp(net, "thread07") == 0 ? "28x28x1" : "32x32x3");
    for (int k = 0; icl_order_names[k] != NULL; k++)
        if (strcmp(icl_order_names[k], order) == 0) spec.order = (enum icl_order)k;
    spec.batch = batch;
    spec.limit = BATCHES * batch;
    icl_train_spec_normalise(&spec);
    or_die(icl_train_bench_create(&spec, threads, &bench, &err));
    return bench;
}

static double run(struct made **all, char *word[WORDS], unsigned threads)
{
    char what[LINE];
    double seconds;
    snprintf(what, sizeof what, "%s %s %s", word[1], word[2], word[3]);
    struct made *made = *all;
    while (made != NULL && strcmp(made->what, what) != 0)
        made = made->next;
    if (made == NULL) {
        made = calloc(1, sizeof *made);
        if (made == NULL) exit(EXIT_FAILURE);
        memcpy(made->what, what, sizeof what);
        made->bench = make(word[1], word[2], strtoul(word[3], NULL, 10), threads);
        made->next = *all;
        *all = made;
        or_die(icl_train_bench_run(made->bench, ICL_TRAIN_BENCH_STEP, WARM_UP, &seconds, &err));
    }
    or_die(icl_train_bench_run(made->bench, ICL_TRAIN_BENCH_STEP, strtoul(word[5], NULL, 10), &seconds, &err));
    return seconds;
}

int main(int argc, char **argv)
{
    const unsigned threads = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 2;
    struct made *all = NULL;
    char line[LINE];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *word[WORDS] = {line};
        line[strcspn(line, "\n")] = '\0';
        for (int w = 1; w < WORDS && word[w - 1] != NULL; w++) {
            word[w] = strchr(word[w - 1], '\t');
            if (word[w] != NULL) *word[w]++ = '\0';
        }
        if (strcmp(word[0], "versions") == 0)
            printf("iclab %s, kernels %s, convolutions %s, %u threads\n", ICL_VERSION, icl_kernels()->name,
                   icl_kernels()->conv.name(), threads);
        else if (strcmp(word[0], "variants") == 0)
            printf("as it is\n");
        else if (strcmp(word[0], "run") == 0 && word[WORDS - 1] != NULL)
            printf("%.9g\n", run(&all, word, threads));
        fflush(stdout);
    }
    while (all != NULL) {
        struct made *made = all;
        all = made->next;
        icl_train_bench_free(made->bench);
        free(made);
    }
    return EXIT_SUCCESS;
}
