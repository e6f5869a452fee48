LIB_SOURCES += $(wildcard experiments/*.c)
