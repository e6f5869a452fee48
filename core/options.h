/* Command lines: a command describes its options in one table; parsing and --help both read it. */
#ifndef ICLAB_CORE_OPTIONS_H
#define ICLAB_CORE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The type of an option, and of the member of the settings that holds its value. */
enum icl_option_type {
    ICL_OPTION_FLAG,   /* bool: false until the option is given */
    ICL_OPTION_STRING, /* const char *: points into argv, NULL if there is no default */
    ICL_OPTION_DOUBLE, /* double, within `low` and `high`; never NaN */
    ICL_OPTION_COUNT,  /* uint64_t, from `least` to `most`; "1e5" is a count */
    ICL_OPTION_CHOICE  /* int or unsigned (any enum that starts at 0): the index in `choices` */
};

/* One option. Write tables with the ICL_..._OPTION macros below: they check the type of the member. */
struct icl_option {
    const char *name;     /* after the two dashes */
    char letter;          /* after one dash; 0: none */
    const char *argument; /* how --help calls the value; NULL: the choices themselves, or none for a flag */
    enum icl_option_type type;
    size_t offset; /* of the member in the settings */
    const char *help;
    double low, high;           /* double: the interval */
    bool low_open, high_open;   /* double: the end itself is out of range */
    uint64_t least, most;       /* count: the interval, both ends included */
    const char *const *choices; /* choice: ends with NULL */
};

/* A command: what --help says, and what its command line may hold. */
struct icl_command {
    const char *name;        /* "iclab mi" */
    const char *positionals; /* for the usage line: "FILE.npy"; NULL: none */
    const char *summary;     /* one sentence */
    size_t least_positionals, most_positionals;
    const struct icl_option *options;
    size_t option_count;
    const void *defaults; /* a settings struct that holds the defaults */
    size_t settings_size;
};

/* The rest of a command line. */
struct icl_arguments {
    bool help;    /* --help or -h was given; nothing after it was looked at */
    size_t count; /* of positionals */
    char **items; /* they themselves: the front of argv */
};

/* The offset of a member, which must have the type given: anything else does not compile. */
#define ICL_MEMBER(settings, member, type) _Generic(((settings *)0)->member, type : offsetof(settings, member))

#define ICL_FLAG_OPTION(name_, letter_, settings, member, help_)                                                       \
    {                                                                                                                  \
        .name = (name_), .letter = (letter_), .type = ICL_OPTION_FLAG, .offset = ICL_MEMBER(settings, member, bool),   \
        .help = (help_)                                                                                                \
    }
#define ICL_STRING_OPTION(name_, letter_, argument_, settings, member, help_)                                          \
    {                                                                                                                  \
        .name = (name_), .letter = (letter_), .argument = (argument_), .type = ICL_OPTION_STRING,                      \
        .offset = ICL_MEMBER(settings, member, const char *), .help = (help_)                                          \
    }
/* `low_open_`: `low_` itself is out of range; so for `high_open_`. No limit: -INFINITY, INFINITY. */
#define ICL_DOUBLE_OPTION(name_, letter_, argument_, settings, member, low_, low_open_, high_, high_open_, help_)      \
    {                                                                                                                  \
        .name = (name_), .letter = (letter_), .argument = (argument_), .type = ICL_OPTION_DOUBLE,                      \
        .offset = ICL_MEMBER(settings, member, double), .help = (help_), .low = (low_), .low_open = (low_open_),       \
        .high = (high_), .high_open = (high_open_)                                                                     \
    }
#define ICL_COUNT_OPTION(name_, letter_, argument_, settings, member, least_, most_, help_)                            \
    {                                                                                                                  \
        .name = (name_), .letter = (letter_), .argument = (argument_), .type = ICL_OPTION_COUNT,                       \
        .offset = ICL_MEMBER(settings, member, uint64_t), .help = (help_), .least = (least_), .most = (most_)          \
    }
/* An enum member counts as int or unsigned, whichever the compiler takes for it. */
#define ICL_CHOICE_OPTION(name_, letter_, settings, member, choices_, help_)                                           \
    {                                                                                                                  \
        .name = (name_), .letter = (letter_), .type = ICL_OPTION_CHOICE,                                               \
        .offset = _Generic(((settings *)0)->member, int                                                                \
                           : offsetof(settings, member), unsigned                                                      \
                           : offsetof(settings, member)),                                                              \
        .help = (help_), .choices = (choices_)                                                                         \
    }

/* Fills `settings` with the defaults, then with what argv[0..argc-1] says (the words after the command's own name):
 * `--name value`, `--name=value`, `-n value`, `-nvalue`, flags together as `-ab`; `--` ends the options, `-` is a
 * positional. Names are not abbreviated; the last of several equal options counts; a value that starts with "--" needs
 * the "=". Anything else is ICL_ERR_USAGE with one line that names the option. The order of argv changes; `settings`
 * and `arguments` point into it. On failure `settings` hold what came before the fault, `arguments` are untouched. */
icl_status icl_options_parse(const struct icl_command *command, int argc, char **argv, void *settings,
                             struct icl_arguments *arguments, struct icl_error *err);

/* Prints usage, summary and every option with its default. */
void icl_options_help(const struct icl_command *command, FILE *stream);

#ifdef __cplusplus
}
#endif

#endif
