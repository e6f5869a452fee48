# The interval part: a program of its own, which links nothing of iclab.
INTERVAL_SOURCES := $(wildcard proofs/interval/*.c)
INTERVAL_OBJECTS := $(INTERVAL_SOURCES:%.c=$(OUT)/%.o)
# FLINT 3 holds Arb; with FLINT 2 it is a library of its own.
INTERVAL_LIBS = $(shell printf 'int main(void){return 0;}' | $(CC) -xc - -o /dev/null -lflint-arb 2>/dev/null && echo -lflint-arb) -lflint -lgmp -lm

$(OUT)/enclose: $(INTERVAL_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(INTERVAL_LIBS)
