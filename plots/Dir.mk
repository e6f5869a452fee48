# targets of plots/
