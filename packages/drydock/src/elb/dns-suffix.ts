/** The end of every load balancer's DNS name: names under `.localhost` lead to this machine (RFC 6761 §6.3). */
export const DNS_SUFFIX = '.elb.localhost'
