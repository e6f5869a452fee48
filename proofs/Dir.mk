# The interval part: a program of its own, which links nothing of iclab.
INTERVAL_SOURCES := $(wildcard proofs/interval/*.c)
INTERVAL_OBJECTS := $(INTERVAL_SOURCES:%.c=$(OUT)/%.o)
# FLINT 3 holds Arb; with FLINT 2 it is a library of its own.
INTERVAL_LIBS = $(shell printf 'int main(void){return 0;}' | $(CC) -xc - -o /dev/null -lflint-arb 2>/dev/null && echo -lflint-arb) -lflint -lgmp -lm

$(OUT)/enclose: $(INTERVAL_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ $(INTERVAL_LIBS)

.PHONY: proofs proofs-recheck enclosures
proofs: ## check the proofs of the claims with Coq, which it installs: theorems and what they rest on
	@tools/install.sh proofs
	@proofs/formal/prove.sh

proofs-recheck: ## check the compiled proofs again with Coq's independent checker
	@tools/install.sh proofs
	@proofs/formal/prove.sh --recheck

enclosures: ## write tests/vectors/enclosures.tsv again: the digits that are certain
	@tools/install.sh build test
	@$(MAKE) $(OUT)/enclose
	$(OUT)/enclose table >tests/vectors/enclosures.tsv.new
	mv tests/vectors/enclosures.tsv.new tests/vectors/enclosures.tsv

# Unit tests of the interval part: with its objects, and without the library.
$(OUT)/tests/t_proofs_%: $(OUT)/tests/t_proofs_%.o $(filter-out %/main.o,$(INTERVAL_OBJECTS))
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS) -o $@ $^ -lcmocka $(INTERVAL_LIBS)
