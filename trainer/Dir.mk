LIB_SOURCES += $(wildcard trainer/*.c)
