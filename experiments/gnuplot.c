#include "experiments/gnuplot_internal.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config.h"

extern char **environ;

static bool has_style(const char *folder)
{
    char path[PLOTS_PATH];
    return snprintf(path, sizeof path, "%s/style.gp", folder) < PLOTS_PATH && access(path, R_OK) == 0;
}

/* The folder of the scripts: $ICLAB_PLOTS, beside the program (installed or in its source tree), or where it was to be
 * installed. */
static bool find_scripts(char *folder)
{
    const size_t size = PLOTS_PATH;
    static const char *const beside[] = {"plots", "../plots", "../../plots", "../share/iclab/plots"};
    const char *wanted = getenv("ICLAB_PLOTS");
    if (wanted != NULL) return snprintf(folder, size, "%s", wanted) < (int)size && has_style(folder);
    char self[PLOTS_PATH];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length > 0) {
        self[length] = '\0';
        char *slash = strrchr(self, '/');
        if (slash != NULL) *slash = '\0';
        for (size_t b = 0; b < sizeof beside / sizeof beside[0]; b++)
            if (snprintf(folder, size, "%s/%s", self, beside[b]) < (int)size && has_style(folder)) return true;
    }
    return snprintf(folder, size, "%s/plots", ICL_DATADIR) < (int)size && has_style(folder);
}

/* Runs gnuplot without input and without output; its exit code, or -1 if it could not be run. */
static int run_gnuplot(char *const *arguments)
{
    posix_spawn_file_actions_t actions;
    if (posix_spawn_file_actions_init(&actions) != 0) return -1;
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child;
    int state = -1;
    if (posix_spawnp(&child, "gnuplot", &actions, NULL, arguments, environ) == 0 && waitpid(child, &state, 0) == child)
        state = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
    else
        state = -1;
    posix_spawn_file_actions_destroy(&actions);
    return state;
}

const char *find_plots(char folder[PLOTS_PATH])
{
    char gnuplot[] = "gnuplot", version[] = "--version";
    char *const ask[] = {gnuplot, version, NULL};
    if (run_gnuplot(ask) != 0) return "gnuplot is not installed (package gnuplot-nox)";
    if (!find_scripts(folder)) return "the scripts (plots/*.gp) were not found; ICLAB_PLOTS can name their folder";
    return NULL;
}

bool draw_script(const char *folder, const char *name, const char *out)
{
    char script[PLOTS_PATH], results[PLOTS_PATH], gnuplot[] = "gnuplot", option[] = "-c";
    if (snprintf(results, sizeof results, "%s", out) >= PLOTS_PATH ||
        snprintf(script, sizeof script, "%s/%s.gp", folder, name) >= PLOTS_PATH)
        return false;
    char *const arguments[] = {gnuplot, option, script, results, NULL};
    return run_gnuplot(arguments) == 0;
}
