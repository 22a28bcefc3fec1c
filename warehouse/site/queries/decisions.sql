select * from main.audit_decisions
order by decision_no desc
