CLI_SOURCES += $(wildcard cli/*.c)
