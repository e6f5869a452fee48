LIB_SOURCES += $(wildcard core/*.c)
