#include "core/options.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/number.h"

/* How much of a foreign word is worth quoting in a message. */
#define SHOWN ".60s"

/* The width of the options in --help. */
enum { HELP_COLUMN = 30, LIST_SIZE = 256, LABEL_SIZE = 64 };

/* "a|b|c", or with another separator. Returns `buffer`. */
static const char *list_choices(const char *const *choices, const char *separator, char buffer[LIST_SIZE])
{
    size_t used = 0;
    buffer[0] = '\0';
    for (size_t k = 0; choices[k] != NULL && used < LIST_SIZE; k++) {
        const int n = snprintf(buffer + used, LIST_SIZE - used, "%s%s", k > 0 ? separator : "", choices[k]);
        if (n > 0) used += (size_t)n;
    }
    return buffer;
}

static icl_status fail_number(const struct icl_option *option, const char *text, enum icl_number_outcome outcome,
                              const char *kind, struct icl_error *err)
{
    if (*text == '\0') return icl_fail(err, ICL_ERR_USAGE, "--%s: the value is empty, want %s", option->name, kind);
    return icl_fail(err, ICL_ERR_USAGE, "--%s: '%" SHOWN "' is %s %s", option->name, text,
                    outcome == ICL_NUMBER_RANGE ? "too large for" : "not", kind);
}

static icl_status set_double(const struct icl_option *option, const char *text, double *value, struct icl_error *err)
{
    double number;
    const enum icl_number_outcome outcome = icl_parse_double(text, strlen(text), &number);
    if (outcome != ICL_NUMBER_OK || isnan(number)) return fail_number(option, text, outcome, "a number", err);
    const bool above = option->low_open ? number > option->low : number >= option->low;
    const bool below = option->high_open ? number < option->high : number <= option->high;
    if (!above || !below) {
        char low[ICL_NUMBER_SIZE];
        char high[ICL_NUMBER_SIZE];
        return icl_fail(err, ICL_ERR_USAGE, "--%s: %" SHOWN " is out of range %c%s, %s%c", option->name, text,
                        option->low_open ? '(' : '[', icl_format_number(option->low, low),
                        icl_format_number(option->high, high), option->high_open ? ')' : ']');
    }
    *value = number;
    return ICL_OK;
}

static icl_status set_count(const struct icl_option *option, const char *text, uint64_t *value, struct icl_error *err)
{
    uint64_t number;
    const enum icl_number_outcome outcome = icl_parse_count(text, strlen(text), &number);
    if (outcome != ICL_NUMBER_OK)
        return fail_number(option, text, outcome, outcome == ICL_NUMBER_RANGE ? "a count" : "a whole number", err);
    if (number < option->least || number > option->most)
        return icl_fail(err, ICL_ERR_USAGE, "--%s: %" SHOWN " is out of range [%" PRIu64 ", %" PRIu64 "]", option->name,
                        text, option->least, option->most);
    *value = number;
    return ICL_OK;
}

static icl_status set_choice(const struct icl_option *option, const char *text, int *value, struct icl_error *err)
{
    for (int k = 0; option->choices[k] != NULL; k++)
        if (strcmp(option->choices[k], text) == 0) {
            *value = k;
            return ICL_OK;
        }
    char list[LIST_SIZE];
    return icl_fail(err, ICL_ERR_USAGE, "--%s: '%" SHOWN "' is none of %s", option->name, text,
                    list_choices(option->choices, ", ", list));
}

static icl_status set_value(const struct icl_option *option, const char *text, void *settings, struct icl_error *err)
{
    void *member = (char *)settings + option->offset;
    switch (option->type) {
    case ICL_OPTION_FLAG:
        *(bool *)member = true;
        return ICL_OK;
    case ICL_OPTION_STRING:
        *(const char **)member = text;
        return ICL_OK;
    case ICL_OPTION_DOUBLE:
        return set_double(option, text, member, err);
    case ICL_OPTION_COUNT:
        return set_count(option, text, member, err);
    case ICL_OPTION_CHOICE:
        return set_choice(option, text, member, err);
    }
    return icl_fail(err, ICL_ERR_USAGE, "--%s: the option has no type", option->name);
}

/* A command line being read. */
struct scan {
    const struct icl_command *command;
    int argc, at; /* argv[at] is the next word */
    char **argv;
    void *settings;
    struct icl_error *err;
};

static const struct icl_option *find_option(const struct icl_command *command, const char *name, size_t length,
                                            char letter)
{
    for (size_t k = 0; k < command->option_count; k++) {
        const struct icl_option *option = &command->options[k];
        if (name != NULL && strlen(option->name) == length && memcmp(option->name, name, length) == 0) return option;
        if (name == NULL && option->letter != '\0' && option->letter == letter) return option;
    }
    return NULL;
}

/* The value of `option` in the next word. */
static icl_status take_value(struct scan *s, const struct icl_option *option)
{
    const char *next = s->at < s->argc ? s->argv[s->at] : NULL;
    if (next == NULL || strncmp(next, "--", 2) == 0)
        return icl_fail(s->err, ICL_ERR_USAGE, "--%s: a value is missing", option->name);
    s->at++;
    return set_value(option, next, s->settings, s->err);
}

static icl_status take_long(struct scan *s, const char *word, bool *help)
{
    const size_t length = strcspn(word, "=");
    const char *value = word[length] == '=' ? word + length + 1 : NULL;
    const struct icl_option *option = find_option(s->command, word, length, '\0');
    const bool asks_help = option == NULL && length == 4 && memcmp(word, "help", 4) == 0;
    if (option == NULL && !asks_help)
        return icl_fail(s->err, ICL_ERR_USAGE, "unknown option '--%.*s' (see %s --help)",
                        length < 60 ? (int)length : 60, word, s->command->name);
    if (value != NULL && (asks_help || option->type == ICL_OPTION_FLAG))
        return icl_fail(s->err, ICL_ERR_USAGE, "--%.*s: takes no value", (int)length, word);
    *help = asks_help;
    if (asks_help) return ICL_OK;
    if (value == NULL && option->type != ICL_OPTION_FLAG) return take_value(s, option);
    return set_value(option, value, s->settings, s->err);
}

/* A word of letters: flags, of which the last may have a value, joined or in the next word. */
static icl_status take_letters(struct scan *s, const char *word, bool *help)
{
    for (const char *c = word; *c != '\0'; c++) {
        const struct icl_option *option = find_option(s->command, NULL, 0, *c);
        if (option == NULL && *c == 'h') {
            *help = true;
            return ICL_OK;
        }
        if (option == NULL)
            return icl_fail(s->err, ICL_ERR_USAGE, "unknown option '-%c' (see %s --help)", *c, s->command->name);
        if (option->type == ICL_OPTION_FLAG)
            ICL_TRY(set_value(option, NULL, s->settings, s->err));
        else
            return c[1] != '\0' ? set_value(option, c + 1, s->settings, s->err) : take_value(s, option);
    }
    return ICL_OK;
}

static icl_status check_positionals(const struct icl_command *command, size_t count, char **items,
                                    struct icl_error *err)
{
    if (count < command->least_positionals)
        return icl_fail(err, ICL_ERR_USAGE, "%s is missing (see %s --help)",
                        command->positionals != NULL ? command->positionals : "an argument", command->name);
    if (count > command->most_positionals)
        return icl_fail(err, ICL_ERR_USAGE, "unexpected argument '%" SHOWN "' (see %s --help)",
                        items[command->most_positionals], command->name);
    return ICL_OK;
}

icl_status icl_options_parse(const struct icl_command *command, int argc, char **argv, void *settings,
                             struct icl_arguments *arguments, struct icl_error *err)
{
    struct scan s = {command, argc, 0, argv, settings, err};
    if (command->settings_size > 0) memcpy(settings, command->defaults, command->settings_size);
    size_t count = 0;
    bool options_ended = false;
    bool help = false;
    while (s.at < argc && !help) {
        char *word = argv[s.at++];
        if (options_ended || word[0] != '-' || word[1] == '\0')
            argv[count++] = word; /* never ahead of s.at */
        else if (strcmp(word, "--") == 0)
            options_ended = true;
        else if (word[1] == '-')
            ICL_TRY(take_long(&s, word + 2, &help));
        else
            ICL_TRY(take_letters(&s, word + 1, &help));
    }
    if (!help) ICL_TRY(check_positionals(command, count, argv, err));
    *arguments = (struct icl_arguments){.help = help, .count = count, .items = argv};
    return ICL_OK;
}

/* The default as text; "" if there is none worth telling. */
static void format_default(const struct icl_option *option, const void *defaults, char buffer[LABEL_SIZE])
{
    const void *member = (const char *)defaults + option->offset;
    char number[ICL_NUMBER_SIZE];
    const char *text = "";
    buffer[0] = '\0';
    switch (option->type) {
    case ICL_OPTION_FLAG:
        return;
    case ICL_OPTION_STRING:
        text = *(const char *const *)member;
        break;
    case ICL_OPTION_DOUBLE:
        /* NaN, which no command line can give, stands for "not given". */
        if (isnan(*(const double *)member)) return;
        text = icl_format_number(*(const double *)member, number);
        break;
    case ICL_OPTION_COUNT:
        snprintf(number, sizeof number, "%" PRIu64, *(const uint64_t *)member);
        text = number;
        break;
    case ICL_OPTION_CHOICE:
        text = option->choices[*(const int *)member];
        break;
    }
    if (text != NULL) snprintf(buffer, LABEL_SIZE, " (default %s)", text);
}

static void print_option(FILE *stream, const char *name, char letter, const char *argument, const char *help,
                         const char *default_text)
{
    const char letters[] = {'-', letter, ',', ' ', '\0'};
    const int width = fprintf(stream, "  %s--%s%s%s", letter != '\0' ? letters : "    ", name,
                              argument != NULL ? " " : "", argument != NULL ? argument : "");
    if (width >= HELP_COLUMN)
        fprintf(stream, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(stream, "%*s", HELP_COLUMN - width, "");
    fprintf(stream, "%s%s\n", help, default_text);
}

void icl_options_help(const struct icl_command *command, FILE *stream)
{
    fprintf(stream, "Usage: %s%s%s [OPTION...]\n\n%s\n\n", command->name, command->positionals != NULL ? " " : "",
            command->positionals != NULL ? command->positionals : "", command->summary);
    for (size_t k = 0; k < command->option_count; k++) {
        const struct icl_option *option = &command->options[k];
        char list[LIST_SIZE];
        char default_text[LABEL_SIZE];
        const char *argument = option->argument;
        if (argument == NULL && option->type == ICL_OPTION_CHOICE) argument = list_choices(option->choices, "|", list);
        format_default(option, command->defaults, default_text);
        print_option(stream, option->name, option->letter, argument, option->help, default_text);
    }
    print_option(stream, "help", find_option(command, NULL, 0, 'h') == NULL ? 'h' : '\0', NULL, "show this text", "");
}
