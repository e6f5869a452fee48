TEST_SOURCES += $(wildcard tests/t_*.c)
