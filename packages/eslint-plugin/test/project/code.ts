// The tests put their code in place of this.
