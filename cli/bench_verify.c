/* The main job as a process of its own, so that its memory is its own too. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/bench.h"
#include "core/clock.h"

enum { CANNOT_RUN = 127, FOLDERS_OPEN = 16 };

/* In the child: becomes `iclab verify --quick --quiet --threads N --out folder` with its table thrown away. Does not
 * return. */
static void become_verify(const char *folder, const char *threads)
{
    const int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere < 0 || dup2(nowhere, STDOUT_FILENO) < 0) _exit(CANNOT_RUN);
    execl("/proc/self/exe", "iclab", "verify", "--quick", "--quiet", "--threads", threads, "--out", folder,
          (char *)NULL);
    _exit(CANNOT_RUN);
}

static icl_status run_verify(const char *folder, unsigned threads, struct icl_error *err)
{
    char count[16];
    snprintf(count, sizeof count, "%u", threads);
    fflush(NULL);
    const double start = icl_clock_seconds();
    const pid_t child = fork();
    if (child < 0) return icl_fail(err, ICL_ERR_IO, "the main job cannot be started: %m");
    if (child == 0) become_verify(folder, count);
    int outcome = 0;
    struct rusage usage;
    while (wait4(child, &outcome, 0, &usage) < 0)
        if (errno != EINTR) return icl_fail(err, ICL_ERR_IO, "the main job was lost: %m");
    const double wall = icl_clock_seconds() - start;
    if (!WIFEXITED(outcome) || WEXITSTATUS(outcome) > 1)
        return icl_fail(err, ICL_ERR_IO, "the main job failed: %s %d", WIFEXITED(outcome) ? "exit status" : "signal",
                        WIFEXITED(outcome) ? WEXITSTATUS(outcome) : WTERMSIG(outcome));
    printf("main_job\twall_seconds\tpeak_rss_mib\texit_status\n");
    printf("verify --quick\t%.1f\t%.0f\t%d\n", wall, (double)usage.ru_maxrss / 1024, WEXITSTATUS(outcome));
    return ICL_OK;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

icl_status cli_bench_verify(const struct cli_bench_settings *settings, struct icl_error *err)
{
    const char *base = getenv("TMPDIR");
    char *folder = NULL;
    if (asprintf(&folder, "%s/iclab-bench-XXXXXX", base != NULL && *base != '\0' ? base : "/tmp") < 0)
        return icl_fail_memory(err, "a folder name");
    icl_status status = ICL_OK;
    if (mkdtemp(folder) == NULL)
        status = icl_fail(err, ICL_ERR_IO, "%.200s: the folder cannot be made: %m", folder);
    else
        status = run_verify(folder, settings->threads, err);
    if (access(folder, F_OK) == 0) nftw(folder, remove_entry, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
    free(folder);
    return status;
}
