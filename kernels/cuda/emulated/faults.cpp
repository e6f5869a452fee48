/* Faults that tests ask for. */
#include "kernels/cuda/emulated/emulated.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace icl_emulated
{
static fault_kind kind_now = fault_kind::none;
static std::uint64_t number_now;

static const struct {
    const char *name; /* with ':' a number follows */
    fault_kind kind;
} known_faults[] = {{"no-driver", fault_kind::no_driver},
                    {"old-driver", fault_kind::old_driver},
                    {"no-device", fault_kind::no_device},
                    {"old-device", fault_kind::old_device},
                    {"memory:", fault_kind::memory},
                    {"pinned", fault_kind::pinned},
                    {"lost:", fault_kind::lost},
                    {"capture-begin", fault_kind::capture_begin},
                    {"capture-end", fault_kind::capture_end},
                    {"clock", fault_kind::clock},
                    {"library", fault_kind::library}};

static bool read_number(const char *text)
{
    char *end;
    number_now = std::strtoull(text, &end, 10);
    return end != text && *end == '\0';
}

void read_fault()
{
    kind_now = fault_kind::none;
    number_now = 0;
    const char *text = std::getenv("ICLAB_EMULATED_FAULT");
    if (text == nullptr || text[0] == '\0') return;
    for (const auto &known : known_faults) {
        const std::size_t length = std::strlen(known.name);
        const bool numbered = known.name[length - 1] == ':';
        if (numbered ? std::strncmp(text, known.name, length) != 0 || !read_number(text + length)
                     : std::strcmp(text, known.name) != 0)
            continue;
        kind_now = known.kind;
        return;
    }
    stop("ICLAB_EMULATED_FAULT=%s is not known", text);
}

bool fault(fault_kind kind)
{
    return kind_now == kind;
}

std::uint64_t fault_number()
{
    return number_now;
}

void stop(const char *format, ...)
{
    std::fputs("emulated: ", stderr);
    if (what_runs() != nullptr) std::fprintf(stderr, "%s: ", what_runs());
    va_list arguments;
    va_start(arguments, format);
    std::vfprintf(stderr, format, arguments);
    va_end(arguments);
    std::fputc('\n', stderr);
    std::abort();
}
} // namespace icl_emulated
