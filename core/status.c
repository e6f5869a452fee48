#include "core/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    int exit_code;
} status_table[ICL_STATUS_COUNT] = {
    [ICL_OK] = {"ok", 0},
    [ICL_ERR_USAGE] = {"bad usage", 2},
    [ICL_ERR_INPUT] = {"bad input", 2},
    [ICL_ERR_MEMORY] = {"out of memory", 3},
    [ICL_ERR_IO] = {"input/output error", 3},
    [ICL_ERR_NUMERIC] = {"numerical failure", 3},
    [ICL_ERR_DEVICE] = {"device failure", 3},
};

const char *icl_status_text(icl_status status)
{
    return (unsigned)status < ICL_STATUS_COUNT ? status_table[status].text : "unknown status";
}

int icl_status_exit_code(icl_status status)
{
    return (unsigned)status < ICL_STATUS_COUNT ? status_table[status].exit_code : 3;
}

void icl_one_line(char *text)
{
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
}

icl_status icl_fail(struct icl_error *err, icl_status status, const char *format, ...)
{
    if (err == NULL) return status;
    err->status = status;
    va_list args;
    va_start(args, format);
    if (vsnprintf(err->message, sizeof err->message, format, args) < 0) err->message[0] = '\0';
    va_end(args);
    /* Whatever a file name or a foreign message holds. */
    icl_one_line(err->message);
    return status;
}

icl_status icl_fail_memory(struct icl_error *err, const char *what)
{
    return icl_fail(err, ICL_ERR_MEMORY, "out of memory for %s", what);
}
